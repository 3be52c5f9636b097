/** Folders of pictures that are dropped on the page, or picked, with files in them that are none. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serveFolder, type RunningServer } from '../../src/browser/server/staticServer.ts';
import { temporaryFolder } from '../cli/simdnet.ts';
import { fixture } from '../formats/pictures.ts';
import { describeInChromium, launchChromium } from './chromium.ts';
import { buildDemo, download, errorsOf, eventually, openDemo } from './demoPage.ts';
import { ownPictures, writeOwnPictures } from './ownPictures.ts';
import { card, news, shownClasses } from './ownPicturesPage.ts';

describeInChromium('folders that are dropped on the page', () => {
  let browser: Browser;
  let server: RunningServer;
  /** Three classes of 110, 4 and 3 pictures: browsers give 100 entries of a folder at a time. */
  let folder: string;

  beforeAll(async () => {
    server = await serveFolder((await buildDemo()).folder, { port: 0 });
    browser = await launchChromium();
    folder = join(await temporaryFolder(), 'things');
    const [many, four, three] = [110, 4, 3].map((count, i) =>
      ownPictures([['circle', 'square', 'star'][i]!], count),
    );
    await writeOwnPictures(folder, [...many!, ...four!, ...three!]);
    await writeFile(join(folder, 'square', 'broken.jpg'), fixture('baseline.jpg').subarray(0, 900));
    await writeFile(join(folder, 'square', 'notes.txt'), 'not looked at');
    await writeFile(join(folder, 'star', 'photo.HEIC'), '\0\0\0\x18ftypheic\0\0\0\0');
    await mkdir(join(folder, '__MACOSX'));
    await writeFile(join(folder, '__MACOSX', 'square.png'), 'not looked at');
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  const everything = { circle: '110 pictures', square: '4 pictures', star: '3 pictures' };

  it('become classes, wherever in the part of the page they are dropped', async () => {
    const page = await openDemo(browser, server.url);
    await drop(page, page.locator('#pictures-title'), folder);
    await eventually(() => shownClasses(page)).toEqual(everything);
    await eventually(() => news(page)).toBe('117 pictures added; 2 files could not be, see below.');
    expect(await page.locator('#refusals-list li').allTextContents()).toEqual([
      expect.stringMatching(/^broken\.jpg: the JPEG file is cut short/),
      expect.stringMatching(/^photo\.HEIC is a HEIC picture/),
    ]);
    // Not all at once: canvases take memory.
    const circles = card(page, 'circle');
    const thumbnails = circles.locator('.thumbnail');
    expect(await thumbnails.count()).toBe(12);
    const { height } = (await circles.boundingBox())!;
    await circles.getByRole('button', { name: 'Show all 110' }).click();
    expect(await thumbnails.count()).toBe(110);
    // They are all seen, not in a box that scrolls, and the focus is on what undoes it.
    expect(
      await circles.locator('.thumbnails').evaluate((strip) => strip.scrollHeight - strip.clientHeight),
    ).toBe(0);
    expect((await circles.boundingBox())!.height).toBeGreaterThan(3 * height);
    await page.keyboard.press('Enter');
    expect(await thumbnails.count()).toBe(12);
    await page.keyboard.press('Enter');
    expect(await thumbnails.count()).toBe(110);
    await circles.getByRole('button', { name: 'Show fewer' }).click();
    expect(
      await circles
        .getByRole('button', { name: 'Show all 110' })
        .evaluate((more) => more === document.activeElement),
    ).toBe(true);
    expect((await circles.boundingBox())!.height).toBe(height);
    // Once more: the classes are there already, and what is in them.
    await drop(page, page.locator('#pictures-title'), folder);
    await eventually(() => news(page)).toBe(
      'Nothing was added; 117 were there already; 2 files could not be, see below.',
    );
    expect(await shownClasses(page)).toEqual(everything);
    // Others may have the same names.
    const others = join(await temporaryFolder(), 'others');
    const stars = [...ownPictures(['star'], 6).slice(0, 3), ...ownPictures(['star'], 3)];
    await writeOwnPictures(
      others,
      stars.map((star, i) => ({ ...star, name: `star ${i + 1}.png` })),
    );
    await drop(page, page.locator('#pictures-title'), join(others, 'star'));
    await eventually(() => news(page)).toBe('3 pictures added; 3 were there already.');
    expect(await shownClasses(page)).toEqual({ ...everything, star: '6 pictures' });
    expect(await card(page, 'star').locator('.thumbnail').first().getAttribute('aria-label')).toBe(
      'Remove star 3-2.png',
    );
    expect(errorsOf(page)).toEqual([]);
  });

  it('go nowhere once their class is removed, and that is said', async () => {
    const page = await openDemo(browser, server.url);
    // The class goes while the first of them are looked at.
    await page.evaluate(() => {
      new MutationObserver((_, observer) => {
        if (document.querySelector<HTMLProgressElement>('#adding')!.hidden) return;
        observer.disconnect();
        document.querySelector<HTMLButtonElement>('[aria-label="Remove the class Class 2"]')!.click();
      }).observe(document.querySelector('#adding')!, { attributes: true });
    });
    await drop(page, card(page, 'Class 2'), join(folder, 'circle'));
    await eventually(() => news(page)).toBe(
      'Nothing was added; 110 pictures could not be: the class was removed in the meantime.',
    );
    expect(await shownClasses(page)).toEqual({ 'Class 1': 'No pictures yet' });
    expect(errorsOf(page)).toEqual([]);
  });

  it('go into the class that they are dropped on', async () => {
    const page = await openDemo(browser, server.url);
    await drop(page, card(page, 'Class 2'), join(folder, 'square'));
    await eventually(() => shownClasses(page)).toEqual({
      'Class 1': 'No pictures yet',
      'Class 2': '4 pictures',
    });
    await drop(page, card(page, 'Class 1'), join(folder, 'star', 'star 1.png'));
    await eventually(() => shownClasses(page)).toEqual({ 'Class 1': '1 picture', 'Class 2': '4 pictures' });
  });

  it('are taken where CIFAR-10 may be dropped, too, as zips are; elsewhere nothing happens', async () => {
    const page = await openDemo(browser, server.url);
    await drop(page, page.locator('#stage-title'), folder);
    await eventually(() => shownClasses(page)).toEqual(everything);
    const zip = join(await temporaryFolder(), 'things.zip');
    await eventually(() => news(page)).toContain('117 pictures added');
    await writeFile(zip, (await download(page, '#save-zip')).bytes);
    const other = await openDemo(browser, server.url);
    await drop(other, other.locator('#stage-title'), zip);
    await eventually(() => shownClasses(other)).toEqual(everything);
    expect(await other.locator('#notice').isVisible()).toBe(false);
    expect(await other.locator('#data-summary').textContent()).toContain('Shapes');
    // The browser would open it in place of the page.
    const left = await other.evaluate(() =>
      ['dragover', 'drop'].filter((type) =>
        document
          .querySelector('#network-title')!
          .dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true })),
      ),
    );
    expect(left).toEqual([]);
    expect(errorsOf(other)).toEqual([]);
  });

  it('may be picked, and single pictures belong to no class', async () => {
    const page = await openDemo(browser, server.url);
    await drop(page, page.locator('#pictures-title'), join(folder, 'star', 'star 1.png'));
    await eventually(() => page.locator('#refusals-list').textContent()).toBe(
      'There is no folder with pictures in that: a folder is a class. Single pictures are dropped on the class that they belong to.',
    );
    await page.locator('#add-folder').setInputFiles(folder);
    await eventually(() => shownClasses(page)).toEqual(everything);
  });
});

/** Drops a file or folder of the disk on the middle of an element. */
async function drop(page: Page, target: Locator, path: string): Promise<void> {
  await target.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await target.boundingBox())!;
  const session = await page.context().newCDPSession(page);
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', {
      type,
      x: x + width / 2,
      y: y + height / 2,
      data: { items: [], files: [path], dragOperationsMask: 1 },
    });
  }
  await session.detach();
}
