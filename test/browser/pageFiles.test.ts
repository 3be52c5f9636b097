/** The page in a real browser: files that are right and files that are wrong, and what is said when it cannot go on. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serveFolder, type RunningServer } from '../../src/browser/server/staticServer.ts';
import { encodePng } from '../../src/formats/png.ts';
import { encodeModel } from '../../src/training/modelFile.ts';
import { sequential } from '../../src/training/factories.ts';
import { tutorialNetwork } from '../../src/networks/tutorial.ts';
import { cifar10ClassNames } from '../../src/data/cifar10Format.ts';
import { shapesClassNames } from '../../src/data/shapes.ts';
import { archiveOf, goodMembers } from '../data/archives.ts';
import { records } from '../data/fixtures.ts';
import { describeInBrowsers } from './chromium.ts';
import { buildDemo, download, file, notice, openDemo, set, tested, train, eventually } from './demoPage.ts';

describeInBrowsers('files and failures on the page', ({ launch }) => {
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

  it('reads CIFAR-10 from its archive and from its files, trains on it, and goes back to shapes', async () => {
    const page = await openDemo(browser, server.url);
    const summary = page.locator('#data-summary');
    const archive = Buffer.from(await archiveOf(goodMembers()));
    await page.locator('#files').setInputFiles(file('cifar-10-binary.tar.gz', archive));
    await eventually(() => summary.textContent()).toBe(
      'CIFAR-10: 40 pictures to learn from, 10 to check with, 10 for the final test.',
    );
    expect(await page.locator('#samples figcaption').allTextContents()).toEqual(cifar10ClassNames);
    await train(page, { epochs: '1', batchSize: '20' });
    expect(await page.locator('#verdict').textContent()).toContain('of 10 images');

    await page.locator('#files').setInputFiles(file('data_batch_1.bin', records(20)));
    await eventually(() => summary.textContent()).toContain('those to check with are the final test, too');
    // The network that was trained on other images says nothing about these.
    expect(await page.locator('#findings').isVisible()).toBe(false);
    await page.locator('input[name=stage][value=data]').check({ force: true });
    await page.locator('#shapes').click();
    await eventually(() => summary.textContent()).toContain('Shapes on textures');
    // Still the network of photographs; but what it is shown now is a shape.
    await page.locator('#random').click();
    await eventually(() => page.locator('#answer .verdict').textContent()).toMatch(
      new RegExp(`wrong, it is (${shapesClassNames.join('|')})`),
    );

    // Dropped instead of chosen.
    const transfer = await page.evaluateHandle(
      (values) => {
        const data = new DataTransfer();
        data.items.add(new File([Uint8Array.from(values)], 'data_batch_1.bin'));
        return data;
      },
      [...records(30)],
    );
    await page.dispatchEvent('#stage', 'drop', { dataTransfer: transfer });
    await eventually(() => summary.textContent()).toContain('CIFAR-10: 24 pictures');
  });

  it('refuses what is not CIFAR-10, says why, and keeps what there was', async () => {
    const page = await openDemo(browser, server.url);
    for (const [wrong, message] of [
      [file('cat.png', 'x'), /^cat\.png is not a CIFAR-10 file\. Choose cifar-10-binary\.tar\.gz/],
      [file('a.tar.gz', 'x'), /^a\.tar\.gz is damaged, cut short or no gzip file/],
      [file('data_batch_1.bin', records(1).slice(9)), /^data_batch_1\.bin is 3064 bytes long/],
    ] as const) {
      await page.locator('#files').setInputFiles(wrong);
      expect(await notice(page)).toMatch(message);
      await page.locator('#notice button').click();
      expect(await page.locator('#notice').isVisible()).toBe(false);
    }
    expect(await page.locator('#data-summary').textContent()).toContain('Shapes on textures');
    expect(await page.locator('#start').isEnabled()).toBe(true);
  });

  it('refuses models and pictures that are none, and says why', async () => {
    const page = await openDemo(browser, server.url);
    const model = encodeModel(sequential(tutorialNetwork(), { classNames: cifar10ClassNames }));
    await page.locator('#load').setInputFiles(file('half.safetensors', model.slice(0, 5000)));
    expect(await notice(page)).toMatch(/^half\.safetensors: not a usable safetensors file/);
    await page.locator('#load').setInputFiles(file('other.safetensors', 'hello, this is a text'));
    await eventually(() => notice(page)).toMatch(/^other\.safetensors: .* probably another kind of file/);
    expect(await page.locator('#save').isDisabled()).toBe(true);
    // One of other classes is loaded and can be asked, but a test here would mean nothing.
    await page.locator('#load').setInputFiles(file('cifar.safetensors', model));
    const status = page.locator('#status');
    await eventually(() => status.textContent()).toBe(
      'Loaded. It cannot be tested on the shapes; show it a picture, or train it on.',
    );
    expect(await page.locator('#notice').isVisible()).toBe(false);
    expect(await page.locator('#random').isDisabled()).toBe(true);
    expect((await download(page, '#save')).bytes.equals(model)).toBe(true);
    const white = encodePng({ width: 1, height: 1, data: new Uint8Array(4).fill(255) });
    await page.locator('#picture').setInputFiles(file('white.png', white));
    await page.locator('#answer .bars').waitFor();
    await page.locator('#picture').setInputFiles(file('notes.txt', 'hello'));
    // In place of the answer: nobody is taken to another part of the page.
    await eventually(() => page.locator('#answer').textContent()).toMatch(
      /^notes\.txt is not a PNG, JPEG or WebP file/,
    );
    expect(await page.locator('#notice').isVisible()).toBe(false);
    // With images that it knows, it can be shown one of them.
    await page.locator('#files').setInputFiles(file('data_batch_1.bin', records(20)));
    await page.locator('#random:enabled').click();
    await eventually(() => page.locator('#answer .verdict').textContent()).toContain('Test image');
  });

  it('says what is wrong with a setting, where it is', async () => {
    const page = await openDemo(browser, server.url);
    await set(page, { learningRate: 'fast' });
    await page.locator('#start').click();
    const field = page.locator('#setting-learningRate');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await page.locator('#setting-learningRate-note').textContent()).toBe(
      'A number above 0, such as 0.001.',
    );
    await set(page, { filters1: '16', learningRate: '0.001' });
    await eventually(() => page.locator('#layers tr').nth(1).textContent()).toContain('16 filters');
    expect(await field.getAttribute('aria-invalid')).toBe('false');
  });

  it('says that memory does not suffice, and trains a smaller network then', async () => {
    const page = await openDemo(browser, server.url);
    await set(page, { filters1: '512', filters2: '512', filters3: '512', batchSize: '4000' });
    await page.locator('#start').click();
    expect(await notice(page)).toMatch(
      /^The network needs \d+ MiB, more than the 4 GiB .* use a smaller batch/,
    );
    await train(page, {
      filters1: '8',
      filters2: '8',
      filters3: '8',
      batchSize: '64',
      images: '200',
      epochs: '1',
    });
    expect(await page.locator('#notice').isVisible()).toBe(false);
  });

  it('keeps the last good network of a training that diverges', async () => {
    const page = await openDemo(browser, server.url);
    await train(page, { images: '200', epochs: '1' });
    await set(page, { learningRate: '1e20', epochs: '5' });
    await page.locator('#start').click();
    expect(await notice(page)).toMatch(/loss became (NaN|Infinity).*learning rate/);
    await page.locator('#start:enabled').waitFor();
  });

  it('says so where there is no WebAssembly SIMD', async () => {
    const page = await openDemo(browser, server.url, {
      ready: false,
      beforeLoad: async (opened) => {
        await opened.route('**/trainer.js', async (route) => {
          const response = await route.fetch();
          const body = `WebAssembly.validate = () => false;${await response.text()}`;
          await route.fulfill({ response, body });
        });
      },
    });
    expect(await notice(page)).toMatch(/no WebAssembly SIMD: .* a browser/);
    expect(await page.locator('#start').isDisabled()).toBe(true);
  });

  it('says so when the worker is gone', async () => {
    const page = await openDemo(browser, server.url, {
      ready: false,
      beforeLoad: async (opened) => {
        await opened.route('**/trainer.js', (route) => route.abort());
      },
    });
    expect(await notice(page)).toBe('The worker that trains has ended unexpectedly: load the page again.');
  });

  it('opens the images behind a cell of the matrix, and what the network makes of one', async () => {
    const page = await openDemo(browser, server.url);
    await set(page, { images: '640', epochs: '2' });
    await page.locator('#start').click();
    await tested(page);
    const cells = page.locator('.matrix tbody td button');
    expect(await cells.count()).toBe(100);
    const counts = (await cells.allTextContents()).map((text) => (text === '·' ? 0 : Number(text)));
    expect(counts.reduce((sum, value) => sum + value, 0)).toBe(1000);
    const cell = page.locator('.matrix .wrong').first();
    const expected = Number(await cell.textContent());
    const [actual, answer] = /(\w+) taken for (\w+):/
      .exec((await cell.getAttribute('aria-label'))!)!
      .slice(1);
    await cell.click();
    await eventually(() => page.locator('#cell-title').textContent()).toMatch(
      new RegExp(`^${actual!}, taken for ${answer!}$`, 'i'),
    );
    expect(await page.locator('.specimen').count()).toBe(Math.min(expected, 60));
    await page.locator('.specimen').first().click();
    await eventually(() => page.locator('#inside-says').textContent()).toMatch(
      new RegExp(`^It is ${actual!}; the network says ${answer!}`),
    );
    // The image, the filters, and the outputs of three convolutions and two poolings.
    expect(await page.locator('#maps figure').count()).toBe(7);
    expect(await page.locator('.filters canvas').count()).toBe(32);
  });
});
