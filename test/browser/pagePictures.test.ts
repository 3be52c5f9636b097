/** Pictures of one's own on the page: picked, kept, trained on as on the command line, and taken along. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BlobReader, Uint8ArrayWriter, ZipReader, type FileEntry } from '@zip.js/zip.js';
import { serveFolder, type RunningServer } from '../../src/browser/server/staticServer.ts';
import { simdnet, temporaryFolder } from '../cli/simdnet.ts';
import { fixture } from '../formats/pictures.ts';
import { describeInBrowsers } from './chromium.ts';
import { buildDemo, download, errorsOf, eventually, file, openDemo, set, tested } from './demoPage.ts';
import { ownPictures } from './ownPictures.ts';
import { card, fill, news, pick, rename, shownClasses } from './ownPicturesPage.ts';

const SETTINGS = { epochs: '2', batchSize: '16', tier: 'simd', augment: 'flip,shift' } as const;
const ARGUMENTS = '--epochs 2 --batch-size 16 --tier simd --augment flip,shift'.split(' ');

describeInBrowsers('own pictures on the page', ({ launch }) => {
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

  it('are picked, renamed and removed, and are there when the page is opened again', async () => {
    const page = await openDemo(browser, server.url);
    const pictures = ownPictures(['circle', 'square'], 4);
    expect(await shownClasses(page)).toEqual({ 'Class 1': 'No pictures yet', 'Class 2': 'No pictures yet' });
    await page.locator('#train-pictures').click();
    // It is read out, and said once.
    const sentence = 'Add at least 3 pictures to each of two classes.';
    expect(await page.locator('#pictures').getByRole('alert').textContent()).toBe(sentence);
    expect(await page.getByText(sentence).count()).toBe(1);

    await fill(page, pictures);
    expect(await shownClasses(page)).toEqual({ circle: '4 pictures', square: '4 pictures' });
    const jpeg = Buffer.from(fixture('baseline.jpg'));
    await card(page, 'circle')
      .locator('input[type=file]')
      .setInputFiles([
        file('half.jpg', jpeg.subarray(0, 900)),
        file('photo.jpg', jpeg),
        file('notes.png', 'hello'),
        { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') },
        { name: 'photo.txt', mimeType: 'text/plain', buffer: jpeg.subarray(0, 900) },
      ]);
    await eventually(() => news(page)).toBe('1 picture added; 4 files could not be, see below.');
    expect(await page.locator('#pictures').getByRole('alert').count()).toBe(0);
    expect(await page.locator('#refusals-list li').allTextContents()).toEqual([
      expect.stringMatching(/^half\.jpg: the JPEG file is cut short/),
      expect.stringMatching(/^notes\.png is not a PNG, JPEG or WebP file.*Convert it/),
      'notes.txt is no picture.',
      expect.stringMatching(/^photo\.txt: the JPEG file is cut short/),
    ]);
    // The list is of what was added last.
    await card(page, 'square').locator('input[type=file]').setInputFiles(file('other.png', 'hello'));
    await eventually(() => page.locator('#refusals-list li').allTextContents()).toEqual([
      expect.stringMatching(/^other\.png is not/),
    ]);
    await page.locator('#close-refusals').click();
    expect(await page.locator('#refusals').isVisible()).toBe(false);

    // The newest is the first.
    const thumbnails = card(page, 'circle').locator('.thumbnail');
    expect(await thumbnails.first().getAttribute('aria-label')).toBe('Remove photo.jpg');
    await thumbnails.first().click();
    await eventually(() => thumbnails.count()).toBe(4);
    await page.locator('#undo').click();
    await eventually(() => thumbnails.first().getAttribute('aria-label')).toBe('Remove photo.jpg');
    expect(await page.locator('#undo').isVisible()).toBe(false);

    await rename(page, 'square', 'Circle');
    const problem = card(page, 'square').locator('.problem').first();
    await eventually(() => problem.textContent()).toBe(
      'There is a class “circle” already. It is still called “square”.',
    );
    await rename(page, 'square', 'square, or box');
    await eventually(() => shownClasses(page)).toEqual({
      circle: '5 pictures',
      'square, or box': '4 pictures',
    });
    await page.locator('#add-class').click();
    await pick(page, 'Class 3', pictures.slice(0, 1));
    await page.locator('#add-class').click();
    await eventually(() => shownClasses(page)).toMatchObject({ 'Class 4': 'No pictures yet' });

    await page.reload();
    await eventually(() => shownClasses(page)).toEqual({
      circle: '5 pictures',
      'square, or box': '4 pictures',
      'Class 3': '1 picture',
      'Class 4': 'No pictures yet',
    });
    expect(await thumbnails.count()).toBe(5);
    expect(await page.locator('#pictures-hint').textContent()).toBe(
      'Add more pictures to “Class 3”: each class needs at least 3.',
    );
    // What has pictures is not removed without being asked.
    await card(page, 'Class 4').getByRole('button', { name: 'Remove the class Class 4' }).click();
    await card(page, 'Class 3').getByRole('button', { name: 'Remove the class Class 3' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Keep' }).click();
    await eventually(() => shownClasses(page)).toMatchObject({ 'Class 3': '1 picture' });
    await card(page, 'Class 3').getByRole('button', { name: 'Remove the class Class 3' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    const left = { circle: '5 pictures', 'square, or box': '4 pictures' };
    await eventually(() => shownClasses(page)).toEqual(left);
    await page.reload();
    await eventually(() => shownClasses(page)).toEqual(left);
    await page.locator('#remove-all').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove all' }).click();
    await eventually(() => shownClasses(page)).toEqual({
      'Class 1': 'No pictures yet',
      'Class 2': 'No pictures yet',
    });
    expect(errorsOf(page)).toEqual([]);
  });

  it('are put back one after the other, each where it was, as long as their class is there', async () => {
    const page = await openDemo(browser, server.url);
    await fill(page, ownPictures(['circle', 'square'], 4));
    const labels = (): Promise<string[]> =>
      card(page, 'circle')
        .locator('.thumbnail')
        .evaluateAll((all) => all.map((each) => each.getAttribute('aria-label')!));
    const focused = (): Promise<string | null> =>
      page.evaluate(() => document.activeElement!.getAttribute('aria-label'));
    const all = [4, 3, 2, 1].map((i) => `Remove circle ${i}.png`);
    expect(await labels()).toEqual(all);
    for (const left of [3, 2, 1, 0]) {
      await card(page, 'circle')
        .locator('.thumbnail')
        .nth(left > 2 ? 2 : 0)
        .click();
      await eventually(labels).toHaveLength(left);
    }
    // Nothing is left that could have the focus but this.
    await eventually(() => page.evaluate(() => document.activeElement!.id)).toBe('undo');
    await page.keyboard.press('ControlOrMeta+z');
    await eventually(focused).toBe('Remove circle 1.png');
    expect(await news(page)).toBe('circle 1.png is back.');
    for (const name of ['circle 3.png', 'circle 4.png', 'circle 2.png']) {
      await page.keyboard.press('ControlOrMeta+z');
      await eventually(focused).toBe(`Remove ${name}`);
    }
    expect(await labels()).toEqual(all);
    expect(await page.locator('#undo').isVisible()).toBe(false);
    await page.reload();
    await eventually(labels).toEqual(all);

    await card(page, 'square').locator('.thumbnail').first().click();
    await card(page, 'circle').locator('.thumbnail').first().click();
    await eventually(() => news(page)).toBe('circle 4.png is removed.');
    await card(page, 'circle').getByRole('button', { name: 'Remove the class circle' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await eventually(() => shownClasses(page)).toEqual({ square: '3 pictures' });
    // That of the class that is gone is gone, too.
    await page.locator('#undo').click();
    await eventually(() => news(page)).toBe('square 4.png is back.');
    expect(await shownClasses(page)).toEqual({ square: '4 pictures' });
    expect(await page.locator('#undo').isVisible()).toBe(false);
    expect(errorsOf(page)).toEqual([]);
  });

  it('train the network of the command line, from the folder in the zip that they are saved as', async () => {
    const page = await openDemo(browser, server.url);
    await fill(page, ownPictures(['star', 'circle', 'ring'], 12));
    await set(page, SETTINGS);
    await page.locator('#train-pictures').click();
    await tested(page);
    expect(await page.locator('#data-summary').textContent()).toBe(
      'Your pictures: 27 pictures to learn from, 6 to check with, 3 for the final test.',
    );
    expect(await page.locator('#samples figcaption').allTextContents()).toEqual(['circle', 'ring', 'star']);
    expect(await page.locator('#verdict').textContent()).toContain('of 3 images');
    expect(await page.locator('#matrix tbody th').allTextContents()).toEqual(['circle', 'ring', 'star']);
    expect(await page.locator('#gallery .specimen').count()).toBeLessThanOrEqual(3);
    expect(await page.locator('#epochs tr').count()).toBe(2);

    const zip = await download(page, '#save-zip');
    expect(zip.name).toBe('pictures.zip');
    const folder = join(await temporaryFolder(), 'pictures');
    await unzip(zip.bytes, folder);
    const run = join(await temporaryFolder(), 'run');
    const { code, stderr } = await simdnet(['train', folder, ...ARGUMENTS, '--out', run]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const expected = await readFile(join(run, 'model.safetensors'));
    expect((await download(page, '#save')).bytes.equals(expected)).toBe(true);

    // And back again, where there was nothing.
    await page.locator('#remove-all').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove all' }).click();
    await eventually(() => shownClasses(page)).toHaveProperty('Class 1');
    await page.locator('#load-zip').setInputFiles(file('mine.zip', zip.bytes));
    await eventually(() => shownClasses(page)).toEqual({
      star: '12 pictures',
      circle: '12 pictures',
      ring: '12 pictures',
    });
    await eventually(() => news(page)).toBe('36 pictures added.');
    await page.locator('#load-zip').setInputFiles(file('mine.zip', zip.bytes));
    await eventually(() => news(page)).toBe('Nothing was added; 36 were there already.');
    await page.locator('#start').click();
    await eventually(() => page.locator('#epochs tr').count()).toBe(2);
    await tested(page);
    expect((await download(page, '#save')).bytes.equals(expected)).toBe(true);

    await page.locator('#load-zip').setInputFiles(file('torn.zip', zip.bytes.subarray(0, 2000)));
    await eventually(() => page.locator('#refusals-list').textContent()).toContain('torn.zip is no zip file');
    // Shapes again, with their usual settings where nothing was entered.
    await page.locator('input[name=stage][value=data]').check({ force: true });
    await page.locator('#shapes').click();
    await eventually(() => page.locator('#data-summary').textContent()).toContain('Shapes on textures');
    expect(errorsOf(page)).toEqual([]);
  });

  it('have settings of their own, as long as nothing else is entered', async () => {
    const page = await openDemo(browser, server.url);
    const texts = async (): Promise<unknown> => ({
      ticked: await page
        .locator('#setting-augment input:checked')
        .evaluateAll((boxes) => boxes.map((box) => (box as HTMLInputElement).value)),
      epochs: await page.locator('#setting-epochs').inputValue(),
      batchSize: await page.locator('#setting-batchSize').inputValue(),
    });
    const usual = { ticked: [], epochs: '15', batchSize: '64' };
    expect(await texts()).toEqual(usual);
    expect(await page.locator('#setting-imageSize').isVisible()).toBe(false);
    await fill(page, ownPictures(['star', 'circle'], 3));
    await set(page, { imageSize: '16', epochs: '1' });
    await page.locator('#train-pictures').click();
    await tested(page);
    expect(await texts()).toEqual({ ticked: ['flip', 'shift'], epochs: '1', batchSize: '16' });
    expect(await page.locator('#layers tr').first().textContent()).toContain('16 × 16 × 3');
    await page.locator('input[name=stage][value=data]').check({ force: true });
    await page.locator('#shapes').click();
    await eventually(texts).toEqual({ ...usual, epochs: '1' });
  });
});

async function unzip(bytes: Uint8Array, folder: string): Promise<void> {
  const reader = new ZipReader(new BlobReader(new Blob([Uint8Array.from(bytes)])));
  for (const entry of (await reader.getEntries()) as FileEntry[]) {
    const path = join(folder, entry.filename);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, await entry.getData(new Uint8ArrayWriter()));
  }
  await reader.close();
}
