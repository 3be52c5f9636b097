/** The page trains on from a model of another program, as the command line does. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serveFolder, type RunningServer } from '../../src/browser/server/staticServer.ts';
import { decodeModel } from '../../src/training/modelFile.ts';
import { simdnet, temporaryFolder } from '../cli/simdnet.ts';
import { describeInChromium, launchChromium } from './chromium.ts';
import { buildDemo, crash, download, eventually, idle, openDemo, set, tested, train } from './demoPage.ts';
import { ownPictures, writeOwnPictures } from './ownPictures.ts';
import { fill } from './ownPicturesPage.ts';

/** The path of a model that PyTorch or Keras wrote, for 16×16 images of four classes, but its weights are for images of any size. */
const model = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/exchange/${name}`, import.meta.url));

const SETTINGS = { epochs: '2', images: '320', batchSize: '16', tier: 'simd' } as const;
const ARGUMENTS = '--dataset shapes --epochs 2 --train-limit 320 --batch-size 16 --tier simd'.split(' ');

describeInChromium('a model of another program', () => {
  let browser: Browser;
  let server: RunningServer;

  beforeAll(async () => {
    server = await serveFolder((await buildDemo()).folder, { port: 0 });
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  async function open(name: string): Promise<Page> {
    const page = await openDemo(browser, server.url);
    await load(page, name);
    return page;
  }

  async function load(page: Page, name: string): Promise<void> {
    await page.locator('#load').setInputFiles(model(name));
    await eventually(() => page.locator('#setting-network').inputValue()).toBe('loaded');
    await idle(page);
  }

  /** The model that the command line trains from it. */
  async function onCommandLine(name: string, ...options: string[]): Promise<Buffer> {
    const run = join(await temporaryFolder(), 'run');
    const { code, stderr } = await simdnet(['train', ...options, '--from', model(name), '--out', run]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    return readFile(join(run, 'model.safetensors'));
  }

  it('is what is trained on once it is loaded, to the same bytes', async () => {
    const page = await open('mobile.onnx');
    expect(await page.locator('#setting-network option:checked').textContent()).toBe('loaded: mobile.onnx');
    expect(await page.locator('#start').textContent()).toBe('Train the loaded model');
    expect(await page.locator('#status').textContent()).toMatch(/takes 16×16|cannot be tested on the shapes/);
    expect(await page.locator('#setting-learningRate').inputValue()).toBe('0.0001');
    expect(await page.locator('#setting-dropout').isVisible()).toBe(false);
    await train(page, SETTINGS);
    expect(await page.locator('#setting-network-note').textContent()).toBe(
      'It is trained on, as it was loaded. Made anew for these classes: f.',
    );
    const expected = await onCommandLine('mobile.onnx', ...ARGUMENTS, '--learning-rate', '0.0001');
    expect((await download(page, '#save')).bytes.equals(expected)).toBe(true);
    // Once more is not further, but the same.
    await train(page, {});
    expect((await download(page, '#save')).bytes.equals(expected)).toBe(true);
    // Another network is one of its own.
    await set(page, { network: 'lenet' });
    expect(await page.locator('#start').textContent()).toBe('Train again');
    expect(await page.locator('#setting-learningRate').inputValue()).toBe('0.001');
    await train(page, {});
    const names = decodeModel((await download(page, '#save')).bytes, 'model.safetensors').network.layers;
    expect(names.map(({ name }) => name)).not.toContain('f');
  });

  it('may have its last layer trained alone', async () => {
    const page = await open('functional.keras');
    expect(await page.locator('#setting-trained').isVisible()).toBe(true);
    await set(page, { trained: 'last' });
    expect(await page.locator('#setting-learningRate').inputValue()).toBe('0.001');
    await train(page, SETTINGS);
    const frozen = '*conv2d*,batch_normalization*';
    const expected = await onCommandLine('functional.keras', ...ARGUMENTS, '--freeze', frozen);
    expect((await download(page, '#save')).bytes.equals(expected)).toBe(true);
  });

  it('learns from own pictures, of the size that it takes', async () => {
    const pictures = ownPictures(['circle', 'square'], 20);
    const folder = join(await temporaryFolder(), 'mine');
    await writeOwnPictures(folder, pictures);
    const page = await open('mobile.onnx');
    await fill(page, pictures);
    expect(await page.locator('#setting-imageSize').inputValue()).toBe('');
    await set(page, { epochs: '2', batchSize: '4', tier: 'simd', augment: 'flip' });
    await page.locator('#train-pictures').click();
    await tested(page);
    const options = '--epochs 2 --batch-size 4 --tier simd --augment flip --learning-rate 0.0001'.split(' ');
    const expected = await onCommandLine('mobile.onnx', folder, ...options);
    const { bytes } = await download(page, '#save');
    expect(decodeModel(bytes, 'model.safetensors').network.inputShape).toEqual([16, 16, 3]);
    expect(bytes.equals(expected)).toBe(true);
  });

  it('is gone on with when its tab ends in a training', async () => {
    const epochs = '40';
    const expected = await onCommandLine(
      'mobile.onnx',
      ...ARGUMENTS.with(3, epochs),
      '--learning-rate',
      '0.0001',
    );
    const first = await open('mobile.onnx');
    await set(first, { ...SETTINGS, epochs });
    await first.locator('#start').click();
    await first.locator('#epochs tr:nth-child(2)').waitFor({ state: 'attached' });
    const page = await crash(first, server.url);
    await page.locator('#go-on').click();
    await tested(page);
    expect((await download(page, '#save')).bytes.equals(expected)).toBe(true);
  });

  it('says why images cannot be had by it', async () => {
    const page = await open('plain.onnx');
    await page.locator('#start').click();
    await eventually(() => page.locator('#setting-network-note').textContent()).toMatch(
      /^plain\.onnx takes 16×16×3 images, but those of the shapes are 32×32×3: /,
    );
    expect(await page.locator('#setting-network').getAttribute('aria-invalid')).toBe('true');
    await set(page, { network: 'lenet', ...SETTINGS });
    expect(await page.locator('#setting-network').getAttribute('aria-invalid')).toBe('false');
    await train(page, {});
  });
});
