/** The pages that the browser's benchmark opens: their program cannot be bundled if it needs modules of Node. */
import { describe, expect, it } from 'vitest';
import { serveContenders } from '../../bench/browser/peerPage.ts';
import { useImages } from '../../bench/imageSet.ts';
import { generateShapes } from '../../src/data/shapes.ts';

describe('the pages of the browser’s benchmark', () => {
  it('have a program, and the images', async () => {
    const { train } = generateShapes({ seed: 0, trainCount: 3, testCount: 1 });
    useImages(train);
    const server = await serveContenders();
    try {
      const get = (path: string): Promise<Response> => fetch(server.url + path);
      expect(await (await get('/bench.js')).text()).toContain('winogradCorrelate');
      expect(new Uint8Array(await (await get('/images.bin')).arrayBuffer())).toEqual(train.images);
      expect(await (await get('/images.json')).json()).toMatchObject({ count: 3, labels: [...train.labels] });
    } finally {
      await server.close();
    }
  });
});
