/** What people are told in a browser where something is missing or forbidden. */
import type { Browser } from 'playwright-core';
import { afterEach, afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeInBrowsers } from './chromium.ts';
import { openSimdnet, serveBundles, SINGLE_FILE, STREAMING, trainSmall } from './simdnetPage.ts';
import type { ServerOptions, StaticServer } from './staticServer.ts';

describeInBrowsers('what is said', ({ launch, name }) => {
  let browser: Browser;
  const servers: StaticServer[] = [];
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  /** What a training throws, and whether it left a worker behind. */
  async function failure(options: ServerOptions, module: string, prepare?: () => void): Promise<string> {
    const server = await serveBundles(options);
    servers.push(server);
    const page = await openSimdnet(browser, server, module, prepare);
    const thrown = await page.evaluate(`(${trainSmall.toString()})(2).then(() => 'nothing', String)`);
    await expect.poll(() => page.workers().length).toBe(0);
    return thrown as string;
  }

  const policy = (sources: string): ServerOptions => {
    return { headers: { 'content-security-policy': sources } };
  };

  describe.each([true, false])('isolated: %s', (isolated) => {
    it('a policy against blob: workers is named, with both remedies', async () => {
      const headers = policy("worker-src 'self'");
      expect(await failure({ isolated, ...headers }, SINGLE_FILE)).toMatch(
        /^EngineError: The engine's worker cannot be started\b.*worker-src must allow blob:.*'simdnet\/streaming'/,
      );
    });

    it('that policy does not trouble the streaming build', async () => {
      const headers = policy("worker-src 'self'");
      expect(await failure({ isolated, ...headers }, STREAMING)).toBe('nothing');
    });

    it('a worker that is not where it should be is named', async () => {
      expect(await failure({ isolated, missing: ['/streaming/worker.js'] }, STREAMING)).toMatch(
        /^EngineError: The engine's worker cannot be started\. Is worker\.js beside simdnet\.js/,
      );
    });
  });

  it('a worker that may not run on an isolated page is explained', async () => {
    const bare = ['/streaming/worker.js'];
    expect(await failure({ isolated: true, bare }, STREAMING)).toMatch(
      /worker cannot be started.*needs the header Cross-Origin-Embedder-Policy: require-corp/,
    );
  });

  it.each([SINGLE_FILE, STREAMING])('a policy against WebAssembly is named: %s', async (module) => {
    const headers = policy("script-src 'self' 'unsafe-inline'");
    expect(await failure(headers, module)).toMatch(
      /^EngineError: The engine cannot be compiled: .*script-src must allow 'wasm-unsafe-eval'/,
    );
  });

  it('a build that is not where it should be is named', async () => {
    const missing = ['/streaming/simd.wasm'];
    expect(await failure({ missing }, STREAMING)).toMatch(
      /^EngineError: The engine cannot be fetched from http:.*\/streaming\/simd\.wasm: HTTP 404\. .*beside simdnet\.js/,
    );
  });

  it('a server that does not know .wasm is no obstacle', async () => {
    expect(await failure({ untyped: true }, STREAMING)).toBe('nothing');
  });

  it('no SIMD is said in words', async () => {
    const server = await serveBundles();
    servers.push(server);
    const page = await openSimdnet(browser, server, SINGLE_FILE, () => {
      WebAssembly.validate = () => false;
    });
    const words =
      'EngineError: This runtime has no WebAssembly SIMD: simdnet needs Node 20.19 or newer, or a browser of 2023 or newer.';
    expect(await page.evaluate(() => simdnet.engine.info().then(() => 'nothing', String))).toBe(words);
    expect(await page.evaluate(`(${trainSmall.toString()})(1).catch(String)`)).toBe(words);
  });

  // Firefox lets nobody reach into its workers.
  it.runIf(name === 'Chromium').each([true, false])(
    'a worker that fails ends all, and the model goes on: isolated %s',
    async (isolated) => {
      const server = await serveBundles({ isolated });
      servers.push(server);
      const page = await openSimdnet(browser, server);
      const training = page.evaluate(async () => {
        const { sequential, flatten, dense, encodeModel } = simdnet;
        const [x, y] = [new Uint8Array(640 * 48).map((_, i) => i % 251), new Uint8Array(640)];
        const layers = [flatten({ inputShape: [4, 4, 3] }), dense({ units: 3, activation: 'softmax' })];
        const model = sequential(layers, { threads: 3 });
        model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
        let kept = encodeModel(model);
        const onEpochEnd = (): void => void (kept = encodeModel(model));
        const failure = await model
          .fit(x, y, { epochs: 1e6, callbacks: { onEpochEnd } })
          .then(String, String);
        const same = encodeModel(model).join() === kept.join();
        const { epoch } = await model.fit(x, y);
        await model.dispose();
        return { failure, same, epochs: epoch.length };
      });
      await expect.poll(() => page.workers().length).toBe(isolated ? 3 : 1);
      await page
        .workers()
        .at(-1)!
        .evaluate(() => {
          setTimeout(() => {
            throw new Error('lost');
          });
        });
      expect(await training).toEqual({
        failure:
          'EngineError: The engine failed (Uncaught Error: lost). The model keeps the weights of its last complete epoch, ' +
          'and can be used and trained again.',
        same: true,
        epochs: 1,
      });
      await expect.poll(() => page.workers().length).toBe(0);
    },
  );

  it('engine.info() says why it is not more', async () => {
    const info = async (isolated: boolean, prepare?: () => void): Promise<unknown> => {
      const server = await serveBundles({ isolated });
      servers.push(server);
      const page = await openSimdnet(browser, server, SINGLE_FILE, prepare);
      return page.evaluate(() => simdnet.engine.info());
    };
    expect(await info(false)).toEqual({
      tier: 'relaxed',
      threads: 1,
      sharedMemory: false,
      reason:
        'There is one thread because the page is not cross-origin isolated: serve it with the headers ' +
        'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp.',
    });
    const oneCore = await info(true, () => {
      Object.defineProperty(navigator, 'hardwareConcurrency', { value: 1 });
    });
    expect(oneCore).toEqual({
      tier: 'relaxed',
      threads: 1,
      sharedMemory: true,
      reason: 'There is one thread because there is one core.',
    });
    const noRelaxed = await info(true, () => {
      Object.defineProperty(navigator, 'hardwareConcurrency', { value: 8 });
      const { validate } = WebAssembly;
      WebAssembly.validate = (bytes) => !(bytes as Uint8Array).includes(0x85) && validate(bytes);
    });
    expect(noRelaxed).toEqual({
      tier: 'simd',
      threads: 8,
      sharedMemory: true,
      reason: 'The tier is "simd" because this runtime has no WebAssembly Relaxed SIMD.',
    });
  });
});
