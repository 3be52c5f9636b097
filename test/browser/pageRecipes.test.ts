/** The page in a real browser: it trains by a recipe as the command line does, to the last bit, also where its tab ends in the middle. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serveFolder, type RunningServer } from '../../src/browser/server/staticServer.ts';
import { cifar10RecordBytes } from '../../src/data/cifar10Format.ts';
import type { Dataset } from '../../src/data/dataset.ts';
import { generateShapes } from '../../src/data/shapes.ts';
import { simdnet, temporaryFolder } from '../cli/simdnet.ts';
import { describeInBrowsers, describeInChromium, launchChromium } from './chromium.ts';
import {
  buildDemo,
  download,
  errorsOf,
  evaluation,
  eventually,
  idle,
  notice,
  openDemo,
  set,
  tested,
  train,
} from './demoPage.ts';
import { ownPictures, writeOwnPictures } from './ownPictures.ts';
import { fill } from './ownPicturesPage.ts';

/** Images to train on, of which 16 are in no whole batch, and to test with. */
const COUNTS = [80, 12] as const;
const SETTINGS = { recipe: 'airbench94', batchSize: '32', seed: '3', tier: 'simd' } as const;
const ARGUMENTS = '--recipe airbench94 --seed 3 --tier simd'.split(' ');

/** Shapes in CIFAR-10's files, as there need not be as many: what is all of a colour would have the recipe diverge. */
async function shapesAsCifar10(): Promise<string> {
  const folder = await temporaryFolder();
  const [trainCount, testCount] = COUNTS;
  const sets = generateShapes({ seed: 0, trainCount, testCount });
  await writeFile(join(folder, 'data_batch_1.bin'), cifar10Records(sets.train));
  await writeFile(join(folder, 'test_batch.bin'), cifar10Records(sets.test));
  return folder;
}

/** A label, then the image colour by colour. */
function cifar10Records({ images, labels, count }: Dataset<Uint8Array>): Uint8Array {
  const plane = (cifar10RecordBytes - 1) / 3;
  return Uint8Array.from({ length: count * cifar10RecordBytes }, (_, i) => {
    const [image, at] = [Math.floor(i / cifar10RecordBytes), (i % cifar10RecordBytes) - 1];
    if (at < 0) return labels[image]!;
    return images[image * plane * 3 + (at % plane) * 3 + Math.floor(at / plane)]!;
  });
}

/** Trains on the command line. @returns the run's folder */
async function trainOnCommandLine(data: string, ...more: string[]): Promise<string> {
  const run = join(await temporaryFolder(), 'run');
  const given = ['--data-dir', data, ...ARGUMENTS, '--batch-size', '32', ...more];
  const { code, stderr } = await simdnet(['train', ...given, '--out', run]);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return run;
}

async function useCifar10(page: Page, data: string, names = ['data_batch_1.bin', 'test_batch.bin']) {
  await page.locator('#files').setInputFiles(names.map((name) => join(data, name)));
  await eventually(() => page.locator('#data-summary').textContent()).toContain('CIFAR-10');
  await idle(page);
}

const value = (page: Page, field: string): Promise<string> => page.locator(`#setting-${field}`).inputValue();

describeInBrowsers('recipes on the page', ({ launch }) => {
  let browser: Browser;
  let server: RunningServer;
  let data: string;

  beforeAll(async () => {
    server = await serveFolder((await buildDemo()).folder, { port: 0 });
    browser = await launch();
    data = await shapesAsCifar10();
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  it('leave a few settings open, and give back what was there before them', async () => {
    const page = await openDemo(browser, server.url);
    const options = await page.locator('#setting-recipe option').allTextContents();
    expect(options).toEqual([
      'none: my own settings',
      'airbench94: 94 % on CIFAR-10',
      'airbench94-sgd: 94 % on CIFAR-10 by gradient descent, in more epochs',
      'airbench95: 95 % on CIFAR-10',
    ]);
    await set(page, { network: 'lenet', epochs: '3', optimizer: 'sgd', augment: 'flip' });
    await set(page, { recipe: 'airbench94' });
    const shown = await page
      .locator('#settings .field:visible :is(select, input)')
      .evaluateAll((fields) => fields.map((field) => (field as HTMLInputElement).name));
    expect(shown).toEqual(['recipe', 'epochs', 'batchSize', 'images', 'seed', 'threads', 'tier']);
    expect(await page.locator('#advanced').isVisible()).toBe(false);
    expect([await value(page, 'epochs'), await value(page, 'batchSize')]).toEqual(['8', '1000']);
    await eventually(() => page.locator('#layers').textContent()).toContain('block3_conv2');
    expect(await page.locator('#network-summary').textContent()).toContain('parameters');
    expect(await page.locator('#setting-recipe-note').textContent()).toContain('learns from all images');
    await set(page, { batchSize: '64' });
    await set(page, { recipe: 'airbench95' });
    expect([await value(page, 'epochs'), await value(page, 'batchSize')]).toEqual(['15', '1024']);
    await set(page, { recipe: '' });
    expect([await value(page, 'epochs'), await value(page, 'batchSize')]).toEqual(['3', '64']);
    expect(await value(page, 'network')).toBe('lenet');
    expect(await page.locator('#setting-momentum').isVisible()).toBe(true);
    await eventually(() => page.locator('#layers').textContent()).not.toContain('block3_conv2');
    await set(page, { recipe: 'airbench94' });
    expect([await value(page, 'epochs'), await value(page, 'batchSize')]).toEqual(['8', '64']);
  });

  it('train as on the command line, and test in six views', async () => {
    const run = await trainOnCommandLine(data, '--epochs', '4');
    const page = await openDemo(browser, server.url);
    await useCifar10(page, data);
    await set(page, { ...SETTINGS, epochs: '4' });
    await page.locator('#start').click();
    await eventually(() => page.locator('#figure-left').textContent()).toMatch(/^\d+ s$/);
    await tested(page);
    const model = await download(page, '#save');
    expect(model.bytes.equals(await readFile(join(run, 'model.safetensors')))).toBe(true);
    const { bytes } = await download(page, '#csv');
    expect(bytes.toString()).toBe(await readFile(join(run, 'history.csv'), 'utf8'));
    const { test, tta } = JSON.parse(await readFile(join(run, 'run.json'), 'utf8')) as {
      test: { accuracy: number };
      tta: { accuracy: number };
    };
    expect((await evaluation(page)).accuracy).toBe(test.accuracy);
    const views = page.locator('#test-views');
    expect(Number(await views.getAttribute('value'))).toBe(tta.accuracy);
    expect(await page.locator('#verdict').textContent()).toContain('in 6 views of each');
    expect(await page.locator('#figure-accuracy').textContent()).toBe(await views.textContent());
    expect(await page.locator('#epochs tr:last-child td').allTextContents()).toContain('–');
    // Another model is looked at as usual.
    await page.locator('#load').setInputFiles(join(run, 'model.safetensors'));
    await eventually(() => page.locator('#csv').isDisabled()).toBe(true);
    await tested(page);
    expect(await views.count()).toBe(0);
    expect(errorsOf(page)).toEqual([]);
  });

  it('say why they cannot have the images, before anything starts', async () => {
    const page = await openDemo(browser, server.url);
    await useCifar10(page, data);
    const note = (): Promise<string | null> => page.locator('#setting-recipe-note').textContent();
    // One batch of all images may be wanted, and its own is larger.
    await set(page, { recipe: 'airbench94', batchSize: '64', images: '50' });
    const few =
      'Airbench94 trains on whole batches only, and 50 images do not fill one of 64: make the batch size smaller.';
    await eventually(note).toBe(few);
    await page.locator('#start').click();
    await eventually(() => page.evaluate(() => document.activeElement?.id)).toBe('setting-recipe');
    expect(await page.locator('#setting-recipe').getAttribute('aria-invalid')).toBe('true');
    expect(await page.locator('#stop').isVisible()).toBe(false);
    expect(await page.locator('#notice').isVisible()).toBe(false);
    await set(page, { batchSize: '16' });
    await eventually(note).not.toBe(few);
    expect(await page.locator('#layers').textContent()).toContain('block1_conv1');
  });
});

describeInChromium('recipes on the page, further', () => {
  let browser: Browser;
  let server: RunningServer;
  let data: string;

  beforeAll(async () => {
    server = await serveFolder((await buildDemo()).folder, { port: 0 });
    browser = await launchChromium();
    data = await shapesAsCifar10();
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  it('go on to the same bits where the tab ends, after layers have been frozen too', async () => {
    const run = await trainOnCommandLine(data, '--epochs', '12');
    const first = await openDemo(browser, server.url);
    await useCifar10(first, data);
    await set(first, { ...SETTINGS, epochs: '12' });
    await first.locator('#start').click();
    // An epoch is shown before its checkpoint is written: in that of the fourth the bias is frozen.
    await first.locator('#epochs tr:nth-child(5)').waitFor({ state: 'attached' });
    const crashed = first.waitForEvent('crash');
    first.goto('chrome://crash').catch(() => undefined);
    await crashed;
    const page = await first.context().newPage();
    await page.goto(server.url);
    await idle(page);
    const text = (): Promise<string | null> => page.locator('#unfinished-text').textContent();
    await eventually(text).toMatch(
      /^The last training by airbench94 ended with its tab, in epoch ([5-9]|1[0-2]) of 12\. Choose the CIFAR-10 files/,
    );
    await useCifar10(page, data);
    await page.locator('#go-on').click();
    await tested(page);
    expect(await page.locator('#epochs tr').count()).toBe(12);
    expect(await page.locator('#test-views').count()).toBe(1);
    const { bytes } = await download(page, '#save');
    expect(bytes.equals(await readFile(join(run, 'model.safetensors')))).toBe(true);
    await page.reload();
    await idle(page);
    expect(await page.locator('#unfinished').isVisible()).toBe(false);
  });

  it('train on own pictures where these are large enough, as the command line does', async () => {
    const pictures = ownPictures(['circle', 'square'], 12);
    const [folder, run] = [join(await temporaryFolder(), 'mine'), join(await temporaryFolder(), 'run')];
    await writeOwnPictures(folder, pictures);
    const options = '--batch-size 8 --epochs 1 --image-size 32 --validation-split 0.2'.split(' ');
    const { code } = await simdnet(['train', folder, ...ARGUMENTS, ...options, '--out', run]);
    expect(code).toBe(0);
    const page = await openDemo(browser, server.url);
    await fill(page, pictures);
    await set(page, { ...SETTINGS, batchSize: '8', epochs: '1', imageSize: '16' });
    const small =
      'Airbench94 needs images of at least 25×25, not 16×16: enlarge them, or take another network.';
    await page.locator('#train-pictures').click();
    await eventually(() => page.locator('#setting-recipe-note').textContent()).toBe(small);
    await idle(page);
    await set(page, { imageSize: '32' });
    await page.locator('#train-pictures').click();
    await tested(page);
    expect(await page.locator('#test-views').count()).toBe(1);
    const { bytes } = await download(page, '#save');
    expect(bytes.equals(await readFile(join(run, 'model.safetensors')))).toBe(true);
    // Own pictures are validated with as usual.
    expect(await page.locator('#epochs td').allTextContents()).not.toContain('–');
  });

  it('do not train on what they are tested with', async () => {
    const page = await openDemo(browser, server.url);
    await useCifar10(page, data, ['data_batch_1.bin']);
    await set(page, { ...SETTINGS, epochs: '1' });
    expect(await page.locator('#setting-recipe-note').textContent()).not.toContain('all images');
    await set(page, { batchSize: '65' });
    await eventually(() => page.locator('#setting-recipe-note').textContent()).toContain(
      '64 images do not fill one of 65',
    );
  });

  it('say that a batch is too large for the memory', async () => {
    const page = await openDemo(browser, server.url);
    await train(page, { network: 'mlp', epochs: '1', images: '100' });
    await set(page, { recipe: 'airbench95', batchSize: '5000', images: '' });
    await page.locator('#start').click();
    expect(await notice(page)).toMatch(/use a smaller batch/);
    await idle(page);
  });
});
