/** Training in browsers: with and without cross-origin isolation, from both bundles, to the same bits as in Node. */
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as portable from '../../src/portable.ts';
import { everyLayer } from '../training/everyLayer.ts';
import { describeInBrowsers, openPage } from './chromium.ts';
import {
  openSimdnet,
  serveBundles,
  SINGLE_FILE,
  STREAMING,
  trainSmall,
  type Trained,
} from './simdnetPage.ts';
import type { StaticServer } from './staticServer.ts';

/** A worker that does in a thread of its own what pages do in their main one. */
const MODEL_WORKER = `
  import * as simdnet from '/simdnet.js';
  globalThis.simdnet = simdnet;
  ${trainSmall.toString()}
  onmessage = async ({ data }) => postMessage(await trainSmall(data));
  postMessage('ready');`;

/** One epoch of the tutorial's network on the embedded images. @returns model.safetensors */
async function trainEpoch(): Promise<Uint8Array<ArrayBuffer>> {
  const { sequential, tutorialNetwork, generateShapes, encodeModel } = simdnet;
  const { train } = generateShapes({ seed: 3 });
  const model = sequential(tutorialNetwork(), { tier: 'simd', seed: 3, classNames: train.classNames });
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  await model.fit(train.images, train.labels, { batchSize: 64, validationSplit: 0.2 });
  const file = encodeModel(model);
  await model.dispose();
  return file;
}

/** Trains, evaluates and predicts by turns. @param layers  as JSON @returns the SHA-256 of all that comes of it */
async function trainEveryLayer(layers: string): Promise<string> {
  const { modelFromJSON, encodeModel } = simdnet;
  const model = modelFromJSON(
    { layers: JSON.parse(layers) as unknown },
    { tier: 'simd', threads: 2, seed: 4 },
  );
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  const [count, image] = [23, 12 * 11 * 3];
  const x = Uint8Array.from({ length: count * image }, (_, i) => (i * 7919 + (i >> 5) * 104_729) % 251);
  const y = Uint8Array.from({ length: count }, (_, i) => (i * 3) % 5);
  const seen: unknown[] = [];
  for (let turn = 0; turn < 2; turn++) {
    const { history } = await model.fit(x, y, { epochs: 2, batchSize: 9, validationSplit: 0.2 });
    const { data } = await model.predict(x);
    seen.push(history, await model.evaluate(x, y), [...data]);
  }
  const numbers = new TextEncoder().encode(JSON.stringify(seen));
  const file = encodeModel(model);
  await model.dispose();
  const all = new Uint8Array(numbers.length + file.length);
  all.set(numbers);
  all.set(file, numbers.length);
  const digest = await crypto.subtle.digest('SHA-256', all);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

describeInBrowsers('training', ({ name, launch }) => {
  let browser: Browser;
  let isolated: StaticServer;
  let plain: StaticServer;
  let inNode: Trained;

  beforeAll(async () => {
    browser = await launch();
    const files = { '/modelWorker.js': MODEL_WORKER };
    isolated = await serveBundles({ isolated: true, files });
    plain = await serveBundles({ files });
    globalThis.simdnet = portable;
    inNode = await trainSmall(2);
  });
  afterAll(async () => {
    await browser.close();
    await isolated.close();
    await plain.close();
  });

  describe.each([SINGLE_FILE, STREAMING])('from %s', (module) => {
    it('uses shared memory and all cores on an isolated page', async () => {
      const page = await openSimdnet(browser, isolated, module);
      const cores = availableParallelism();
      expect(await page.evaluate(() => simdnet.engine.info())).toMatchObject({
        threads: cores,
        sharedMemory: true,
      });
      expect(await page.evaluate(trainSmall, cores)).toEqual({ ...inNode, threads: cores });
    });

    it('trains in one thread on any other page, to the same bits', async () => {
      const page = await openSimdnet(browser, plain, module);
      expect(await page.evaluate(() => typeof SharedArrayBuffer)).toBe('undefined');
      expect(await page.evaluate(trainSmall, 4)).toEqual({ ...inNode, threads: 1 });
    });
  });

  it('trains in one thread where isolation brings no shared memory, as in WebKitGTK', async () => {
    const page = await openSimdnet(browser, isolated, SINGLE_FILE, () => {
      Reflect.deleteProperty(globalThis, 'SharedArrayBuffer');
    });
    expect(await page.evaluate(() => simdnet.engine.info())).toMatchObject({
      threads: 1,
      sharedMemory: false,
      reason: expect.stringContaining(
        'There is one thread because there is no SharedArrayBuffer.',
      ) as unknown,
    });
    expect(await page.evaluate(trainSmall, 2)).toEqual({ ...inNode, threads: 1 });
  });

  it.each([true, false])('trains from within a worker; isolated: %s', async (isIsolated) => {
    const page = await openPage(browser, `${(isIsolated ? isolated : plain).url}/empty.html`);
    const trained = await page.evaluate(
      () =>
        new Promise((resolve, reject) => {
          const worker = new Worker('/modelWorker.js', { type: 'module' });
          worker.onerror = reject;
          worker.onmessage = ({ data }: MessageEvent<unknown>) => {
            if (data === 'ready') worker.postMessage(2);
            else resolve(data);
          };
        }),
    );
    expect(trained).toEqual({ ...inNode, threads: isIsolated ? 2 : 1 });
  });

  // It takes long, and `npm run runtimes` compares more than this.
  it.skipIf(name === 'Firefox')(
    'gives the bits of Node for an epoch of the embedded images',
    async () => {
      const page = await openSimdnet(browser, isolated);
      // One after the other, because each needs all cores.
      const there = await page.evaluate(`(${trainEpoch.toString()})().then((file) => Array.from(file))`);
      const here = await trainEpoch();
      const hash = (file: Uint8Array): string => createHash('sha256').update(file).digest('hex');
      const file = Uint8Array.from(there as number[]);
      expect(file.length).toBeGreaterThan(319_178 * 4);
      expect(hash(file)).toBe(hash(here));
      // Other work on the machine can make it many times slower.
    },
    180_000,
  );

  it('gives the bits of Node for a network of every type of layer', async () => {
    const page = await openSimdnet(browser, isolated);
    const layers = JSON.stringify(everyLayer());
    const inBrowser = await page.evaluate(trainEveryLayer, layers);
    expect(inBrowser).toBe(await trainEveryLayer(layers));
  });

  it.each([true, false])(
    'never waits on the main thread, and leaves it free; isolated: %s',
    async (shared) => {
      const page = await openSimdnet(browser, shared ? isolated : plain, SINGLE_FILE, () => {
        Object.assign(globalThis, { waits: 0 });
        Atomics.wait = () => {
          Object.assign(globalThis, { waits: 1 });
          throw new Error('Atomics.wait on the main thread');
        };
        // How often the event loop comes round between the first step's end and the last's says how free the thread is.
        let turns = 0;
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
          turns++;
          port2.postMessage(undefined);
        };
        globalThis.onBatchEnd = (batch) => {
          if (turns === 0 && batch === 0) port2.postMessage(undefined);
          Object.assign(globalThis, { turns });
        };
      });
      await page.evaluate(trainSmall, 2);
      expect(await page.evaluate('waits')).toBe(0);
      expect(await page.evaluate('turns')).toBeGreaterThan(20);
    },
  );
});
