/** Pictures decoded in real browsers, under the page's policy: the same bytes as in Node, and the same complaints. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { build } from 'esbuild';
import { beforeAll, expect, it } from 'vitest';
import { browserOptions, root } from '../../src/bundle/embed.mjs';
import { POLICY } from '../../src/browser/server/staticServer.ts';
import { pictureToImage } from '../../src/data/imageFile.ts';
import { buildPng } from '../formats/pngBuilder.ts';
import { exif, fixture, fixtures, jpegWithExif, withSegment } from '../formats/pictures.ts';
import { describeInBrowsers, openPage } from './chromium.ts';
import { serveFolder } from './staticServer.ts';

const require = createRequire(import.meta.url);
const SIZE = { width: 16, height: 11 };

const SOURCE = `
  import { decodePicture } from './src/formats/picture.ts';
  import { fitPicture } from './src/data/fitPicture.ts';
  globalThis.shown = async (path, size) => {
    const bytes = new Uint8Array(await (await fetch(path)).arrayBuffer());
    try {
      return Array.from(fitPicture(await decodePicture(bytes, path), size, { fit: 'crop' })).join();
    } catch (error) {
      return error.name + ': ' + error.message;
    }
  };`;

const deep = { width: 30, height: 20, colourType: 6, depth: 16, interlaced: true };
const png = buildPng({ ...deep, samples: Array.from({ length: 2400 }, (_, i) => (i * 40_503) % 65_536) });
const jpeg = fixture('422.jpg');
const changed = Buffer.from(png);
changed[50]! ^= 1;

/** Files by their path on the server. */
const FILES: Record<string, Uint8Array> = {
  ...Object.fromEntries(
    [...fixtures('.jpg'), ...fixtures('.webp')].map((name) => [`/${name}`, fixture(name)]),
  ),
  '/baseline.png': fixture('baseline.jpg.png'),
  '/deep.png': png,
  '/turned.jpg': jpegWithExif(jpeg, exif(8, 'II')),
  '/cut.png': png.subarray(0, 200),
  '/damaged.png': changed,
  '/cut.jpg': jpeg.subarray(0, 700),
  '/huge.jpg': withSegment(jpeg, 0xc0, Buffer.from('08ffffffff01011100', 'hex')),
  '/premature.jpg': Buffer.concat([jpeg.subarray(0, 700), Buffer.of(0xff, 0xd9)]),
  '/cut.webp': fixture('lossy.webp').subarray(0, 300),
  '/film.gif': Buffer.from('GIF89a'),
};

describeInBrowsers('pictures', ({ launch }) => {
  let program: string;

  beforeAll(async () => {
    const { outputFiles } = await build({
      ...browserOptions(),
      stdin: { contents: SOURCE, resolveDir: root },
      target: 'es2022',
      write: false,
    });
    program = outputFiles[0]!.text;
  });

  it('are the same bytes as in Node, or the same complaints', async () => {
    const wasm = (path: string): Uint8Array => readFileSync(require.resolve(path));
    const server = await serveFolder(root, {
      headers: { 'content-security-policy': POLICY },
      files: {
        ...FILES,
        '/index.html': '<!doctype html><script type="module" src="/program.js"></script>',
        '/program.js': program,
        '/jpeg-turbo.wasm': wasm('@cwasm/jpeg-turbo/jpeg-turbo.wasm'),
        '/webp.wasm': wasm('@cwasm/webp/webp.wasm'),
      },
    });
    const browser = await launch();
    try {
      const page = await openPage(browser, server.url);
      await page.waitForFunction(() => 'shown' in globalThis);
      for (const [path, bytes] of Object.entries(FILES)) {
        const here = await pictureToImage(bytes, path, SIZE, { fit: 'crop' }).then(
          (image) => Array.from(image).join(),
          (error: unknown) => String(error),
        );
        const there = await page.evaluate(
          ([name, size]) =>
            (globalThis as unknown as { shown: (path: string, size: object) => Promise<string> }).shown(
              name,
              size,
            ),
          [path, SIZE] as const,
        );
        expect(there, path).toBe(here);
      }
      expect(Object.keys(FILES).length).toBeGreaterThan(35);
    } finally {
      await browser.close();
      await server.close();
    }
  });

  it('that need a decoder which is not there are an EngineError, and are read once it is', async () => {
    const files = {
      '/index.html': '<script type="module" src="/program.js"></script>',
      '/program.js': program,
      '/a.jpg': jpeg,
    };
    const missing = ['/jpeg-turbo.wasm'];
    const server = await serveFolder(root, { files, missing });
    const browser = await launch();
    try {
      const page = await openPage(browser, server.url);
      await page.waitForFunction(() => 'shown' in globalThis);
      const shown = (): Promise<string> =>
        page.evaluate(
          (size) =>
            (globalThis as unknown as { shown: (path: string, size: object) => Promise<string> }).shown(
              '/a.jpg',
              size,
            ),
          SIZE,
        );
      expect(await shown()).toMatch(
        /^EngineError: The decoder http.*jpeg-turbo\.wasm cannot be loaded \(HTTP 404\)/,
      );
      missing.pop();
      Object.assign(files, {
        '/jpeg-turbo.wasm': readFileSync(require.resolve('@cwasm/jpeg-turbo/jpeg-turbo.wasm')),
      });
      expect(await shown()).toMatch(/^\d+(,\d+)*$/);
    } finally {
      await browser.close();
      await server.close();
    }
  });
});
