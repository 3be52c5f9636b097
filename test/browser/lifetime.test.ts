/** What is left behind when models have been disposed of: nothing. */
import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInBrowsers } from './chromium.ts';
import { openSimdnet, serveBundles, trainSmall } from './simdnetPage.ts';
import type { StaticServer } from './staticServer.ts';

/** Several models at once, some trained twice, one stopped, one diverging; all disposed of in the end. */
async function useModels(meanwhile: () => Promise<void>): Promise<string[]> {
  const { sequential, flatten, dense, adam } = simdnet;
  const [x, y] = [new Uint8Array(640 * 48).fill(100), new Uint8Array(640)];
  const layers = [flatten({ inputShape: [4, 4, 3] }), dense({ units: 3, activation: 'softmax' })];
  const build = (learningRate?: number): ReturnType<typeof sequential> => {
    const model = sequential(layers, { threads: 2 });
    const optimizer = learningRate === undefined ? 'adam' : adam({ learningRate });
    model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy' });
    return model;
  };
  const [first, second, stopped, diverging] = [build(), build(), build(), build(1e38)];
  await Promise.all([first.fit(x, y), second.fit(x, y)]);
  await first.fit(x, y, { batchSize: 16 });
  await second.evaluate(x, y);
  const controller = new AbortController();
  const onBatchEnd = (): void => {
    controller.abort();
  };
  await stopped.fit(x, y, { epochs: 5, signal: controller.signal, callbacks: { onBatchEnd } });
  const images = Float32Array.from(x, (byte, i) => byte * (i % 7) * 1e30);
  const failure = await diverging.fit(images, y, { epochs: 5 }).then(() => 'none', String);
  const aborted = first.fit(x, y, { epochs: 1e6 }).then(() => 'none', String);
  await meanwhile();
  await Promise.all([first, second, stopped, diverging].map((model) => model.dispose()));
  return [failure, await aborted];
}

/** The memory of the process that runs a page, in bytes, after its garbage was collected. */
async function residentBytes(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { processInfo } = await (
    await page.context().browser()!.newBrowserCDPSession()
  ).send('SystemInfo.getProcessInfo');
  const renderers = processInfo.filter(({ type }) => type === 'renderer');
  const statuses = await Promise.all(renderers.map(({ id }) => readFile(`/proc/${id}/status`, 'utf8')));
  return Math.max(...statuses.map((status) => Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) * 1024));
}

describeInBrowsers('disposing of models', ({ name, launch }) => {
  let browser: Browser;
  const servers: StaticServer[] = [];
  beforeAll(async () => {
    browser = await launch();
    servers.push(await serveBundles({ isolated: true }), await serveBundles());
  });
  afterAll(async () => {
    await browser.close();
    await Promise.all(servers.map((server) => server.close()));
  });

  it.each([
    ['isolated', 0, 8],
    ['other', 1, 4],
  ])('leaves no worker behind on an %s page', async (_, server, most) => {
    const page = await openSimdnet(browser, servers[server]!);
    let seen = 0;
    await page.exposeFunction('meanwhile', async () => {
      await expect.poll(() => page.workers().length).toBe(most);
      seen = page.workers().length;
    });
    const failures = await page.evaluate(`(${useModels.toString()})(meanwhile)`);
    expect(failures).toEqual([
      expect.stringMatching(/^TrainingError: The loss became/),
      'EngineError: The model has been disposed of.',
    ]);
    expect(seen).toBe(most);
    await expect.poll(() => page.workers().length).toBe(0);
  });

  // Asked of the system and by Chromium's own protocol.
  it.skipIf(process.platform !== 'linux' || name === 'Firefox')('gives the memory back', async () => {
    const page = await openSimdnet(browser, servers[0]!);
    const train = (count: number): Promise<number> =>
      page.evaluate(async (times) => {
        const { sequential, tutorialNetwork } = simdnet;
        const [x, y] = [new Uint8Array(128 * 3072), new Uint8Array(128)];
        let bytes = 0;
        for (let i = 0; i < times; i++) {
          const model = sequential(tutorialNetwork());
          model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
          await model.fit(x, y, { batchSize: 128 });
          bytes = model.engine!.arenaBytes;
          await model.dispose();
        }
        return bytes;
      }, count);
    const arena = await train(2);
    const before = await residentBytes(page);
    await train(6);
    // Had they been kept, there would be six more.
    expect((await residentBytes(page)) - before).toBeLessThan(3 * arena);
    expect(arena).toBeGreaterThan(30e6);
    expect((await page.evaluate(trainSmall, 2)).threads).toBe(2);
  });
});
