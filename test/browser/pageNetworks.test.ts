/** The page in a real browser: networks other than the tutorial's, and ways to learn other than its. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serveFolder, type RunningServer } from '../../src/browser/server/staticServer.ts';
import { shapesClassNames } from '../../src/data/shapes.ts';
import { NETWORKS } from '../../src/networks/registry.ts';
import { batchNormalization } from '../../src/nn/layers/batchNormalization.ts';
import { globalAveragePooling2d } from '../../src/nn/layers/globalAveragePooling2d.ts';
import { add } from '../../src/nn/layers/merge.ts';
import { conv2d, dense } from '../../src/nn/spec.ts';
import { input } from '../../src/nn/symbolic.ts';
import { model } from '../../src/training/factories.ts';
import { decodeModel, encodeModel } from '../../src/training/modelFile.ts';
import { describeInBrowsers } from './chromium.ts';
import { buildDemo, download, eventually, file, openDemo, set, tested, train } from './demoPage.ts';

/** A network with a way around its second convolution. */
function residual(): Uint8Array {
  const images = input({ shape: [32, 32, 3] });
  const first = conv2d({ name: 'first', filters: 4, kernelSize: 3, strides: 4 }).apply(images);
  const second = conv2d({ name: 'second', filters: 4, kernelSize: 3, padding: 'same' }).apply(first);
  const sum = add({ name: 'sum' }).apply([batchNormalization({ name: 'bn' }).apply(second), first]);
  const outputs = dense({ name: 'answer', units: shapesClassNames.length, activation: 'softmax' }).apply(
    globalAveragePooling2d({ name: 'pool' }).apply(sum),
  );
  return encodeModel(model({ inputs: images, outputs, classNames: shapesClassNames }));
}

describeInBrowsers('networks on the page', ({ launch }) => {
  let browser: Browser;
  let server: RunningServer;

  beforeAll(async () => {
    server = await serveFolder((await buildDemo()).folder, { port: 0 });
    browser = await launch();
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  it('are all of the presets, each with its layers, and with the settings that it has', async () => {
    const page = await openDemo(browser, server.url);
    const names = await page.locator('#setting-network option').allTextContents();
    expect(names).toEqual(NETWORKS.map(({ name }) => name));
    expect(await page.locator('#layers .track').count()).toBe(0);
    for (const { name, description } of NETWORKS) {
      await set(page, { network: name });
      expect(await page.locator('#setting-network-note').textContent()).toContain(description.slice(1));
      expect(await page.locator('#setting-filters1').isVisible()).toBe(name === 'tutorial');
    }
    // The last one is the longest: it scrolls in its own box, and shows what leads around its blocks.
    await eventually(() => page.locator('#layers tr').count()).toBe(152);
    const row = page.locator('#layers tr', { hasText: 'block_2_add' });
    expect(await row.locator('th').textContent()).toContain('from block_1_project_BN and block_2_project_BN');
    expect(await row.locator('.track svg').count()).toBe(1);
    const box = page.locator('#layers-wrap');
    expect(await box.evaluate((element) => element.scrollHeight > element.clientHeight)).toBe(true);
    expect((await box.boundingBox())!.height).toBeLessThan(700);
    await box.focus();
    await page.keyboard.press('End');
    await eventually(() => box.evaluate((element) => element.scrollTop)).toBeGreaterThan(1000);
  });

  it('learn as the advanced settings say', async () => {
    const page = await openDemo(browser, server.url);
    expect(await page.locator('#setting-optimizer').isVisible()).toBe(false);
    await set(page, { optimizer: 'sgd' });
    expect(await page.locator('#setting-momentum').isVisible()).toBe(true);
    await set(page, { optimizer: 'adamw' });
    expect(await page.locator('#setting-momentum').isVisible()).toBe(false);
    expect(await page.locator('#setting-weightDecay').getAttribute('placeholder')).toBe('0.004');
    const settings = { network: 'lenet', images: '320', epochs: '2', threads: '1', tier: 'simd' } as const;
    await train(page, { ...settings, optimizer: 'adam' });
    const plain = await download(page, '#save');
    const network = decodeModel(plain.bytes, 'model.safetensors').network;
    expect(network.layers.map(({ type }) => type)).not.toContain('dropout');
    await train(page, {
      ...settings,
      ...{ optimizer: 'sgd', momentum: '0.8', learningRate: '0.01', weightDecay: '0.001' },
      ...{ schedule: 'cosine', dropout: '0.2', labelSmoothing: '0.1' },
    });
    const other = await download(page, '#save');
    expect(decodeModel(other.bytes, 'model.safetensors').network.layers.map(({ type }) => type)).toContain(
      'dropout',
    );
    expect(await page.locator('#epochs tr').count()).toBe(2);
  });

  it('open the fold where something is wrong in it', async () => {
    const page = await openDemo(browser, server.url);
    await set(page, { dropout: '1.5' });
    await page.locator('#advanced summary').click();
    await page.locator('#start').click();
    const field = page.locator('#setting-dropout');
    expect(await field.isVisible()).toBe(true);
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await page.locator('#setting-dropout-note').textContent()).toMatch(/^A number from 0 to below 1/);
  });

  it('come from files with their branches, and are looked into', async () => {
    const page = await openDemo(browser, server.url);
    const bytes = residual();
    await page.locator('#load').setInputFiles(file('residual.safetensors', bytes));
    await tested(page);
    const rows = page.locator('#layers tr');
    expect(await rows.count()).toBe(7);
    expect(await rows.nth(4).textContent()).toContain('from bn and first');
    // Its four layers that give images, the image itself and the filters.
    await eventually(() => page.locator('#maps figure figcaption').allTextContents()).toHaveLength(6);
    expect((await download(page, '#save')).bytes.equals(bytes)).toBe(true);
    // Another network may be chosen in its place.
    await train(page, { network: 'tutorial', images: '200', epochs: '1' });
    expect(await rows.count()).toBe(9);
    expect(await page.locator('#layers .track').count()).toBe(0);
  });
});
