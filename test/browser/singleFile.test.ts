import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describeInChromium, launchChromium, openPage } from './chromium.ts';
import { serveFolder, type StaticServer } from './staticServer.ts';

interface Result {
  readonly history: { readonly loss: readonly number[] };
  readonly engine: { readonly threads: number };
}

const dist = fileURLToPath(new URL('../../dist/browser/', import.meta.url));

describeInChromium('the single file', () => {
  let browser: Browser;
  let server: StaticServer;
  beforeAll(async () => {
    browser = await launchChromium();
    const html = `<!doctype html><title>test</title><script type="module">
      import { sequential, conv2d, flatten, dense, generateShapes, engine } from '/simdnet.js';
      const { train } = generateShapes({ seed: 0, trainCount: 640, testCount: 10 });
      const model = sequential([
        conv2d({ filters: 8, kernelSize: 3, activation: 'relu', inputShape: [32, 32, 3] }),
        flatten(), dense({ units: 10, activation: 'softmax' })]);
      model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
      const { history } = await model.fit(train.images, train.labels, { epochs: 2, batchSize: 64 });
      window.result = { history, engine: model.engine, info: await engine.info() };
    </script>`;
    server = await serveFolder(dist, { isolated: true, files: { '/index.html': html } });
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });
  it('trains', async () => {
    const page = await openPage(browser, server.url);
    const handle = await page.waitForFunction('window.result', undefined, { timeout: 20000 });
    const { history, engine } = (await handle.jsonValue()) as Result;
    expect(history.loss[1]).toBeLessThan(history.loss[0]!);
    expect(engine.threads).toBe(availableParallelism());
  });
});
