/** Own pictures for those who use the keyboard, a screen reader, a dark room, or a small screen. */
import type { Browser, Page } from 'playwright-core';
import axe from 'axe-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serveFolder, type RunningServer } from '../../src/browser/server/staticServer.ts';
import { describeInChromium, launchChromium } from './chromium.ts';
import { buildDemo, eventually, file, openDemo, set, tested } from './demoPage.ts';
import { ownPictures } from './ownPictures.ts';
import { card, fill, news, rename, shownClasses } from './ownPicturesPage.ts';

describeInChromium('access to own pictures', () => {
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

  it('has no fault that axe finds, light or dark, and fits 360 pixels, in any state', async () => {
    const page = await openDemo(browser, server.url, {
      reducedMotion: 'reduce',
      viewport: { width: 360, height: 740 },
    });
    const expectNoFaults = async (): Promise<void> => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await faults(page), colorScheme).toEqual([]);
      }
      expect(await tooWide(page)).toEqual([]);
    };
    await expectNoFaults();
    await fill(page, ownPictures(['circle', 'square'], 4));
    await rename(page, 'square', 'a/b');
    await card(page, 'square').locator('.problem').first().waitFor();
    await card(page, 'circle').locator('.thumbnail').first().click();
    await card(page, 'circle')
      .locator('input[type=file]')
      .setInputFiles(file(`${'long-name-'.repeat(12)}.png`, 'hello'));
    await page.locator('#refusals').waitFor();
    await expectNoFaults();
    await rename(page, 'square', 'w'.repeat(100));
    await page.locator('#remove-all').click();
    await page.getByRole('dialog').waitFor();
    await expectNoFaults();
    await page.keyboard.press('Escape');
    await set(page, { imageSize: '16', epochs: '2' });
    await page.locator('#train-pictures').click();
    await tested(page);
    await expectNoFaults();
  });

  it('can be used with the keyboard alone', async () => {
    const page = await openDemo(browser, server.url, { reducedMotion: 'reduce' });
    await fill(page, ownPictures(['circle', 'square'], 5));
    const label = (): Promise<string | null | undefined> =>
      page.evaluate(() => {
        const { activeElement: element } = document;
        return (
          element?.getAttribute('aria-label') ??
          element?.closest('label')?.textContent.trim() ??
          element?.textContent.trim()
        );
      });
    const tabTo = async (wanted: string): Promise<void> => {
      for (let i = 0; i < 30 && (await label()) !== wanted; i++) await page.keyboard.press('Tab');
      expect(await label()).toBe(wanted);
    };
    await page.locator('#to-pictures').focus();
    await page.keyboard.press('Enter');
    await tabTo('Name of the class');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('ring');
    await page.keyboard.press('Tab');
    await eventually(() => shownClasses(page)).toEqual({ ring: '5 pictures', square: '5 pictures' });
    await eventually(label).toBe('Remove the class ring');
    await page.keyboard.press('Tab');
    expect(await label()).toBe('Add pictures');
    await page.keyboard.press('Tab');
    expect(await label()).toBe('Hold to record');
    // One stop for all thumbnails; arrow keys go from one to the other.
    await page.keyboard.press('Tab');
    expect(await label()).toBe('Remove circle 5.png');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    expect(await label()).toBe('Remove circle 3.png');
    await page.keyboard.press('Delete');
    await eventually(() => news(page)).toBe('circle 3.png is removed.');
    expect(await label()).toBe('Remove circle 2.png');
    await page.keyboard.press('End');
    expect(await label()).toBe('Remove circle 1.png');
    await tabTo('Remove the class square');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    // What loses nothing has the focus.
    expect(await label()).toBe('Keep');
    await page.keyboard.press('Enter');
    await eventually(label).toBe('Remove the class square');
    await tabTo('+Add a class');
    await page.keyboard.press('Enter');
    await eventually(label).toBe('Name of the class');
    await page.keyboard.type('empty');
    await page.keyboard.press('Enter');
    await card(page, 'empty').waitFor();
    // It stays in the field, whose problem is read out.
    expect(await label()).toBe('Name of the class');
    await page.keyboard.type('/');
    await page.keyboard.press('Enter');
    await eventually(() => card(page, 'empty').getByRole('alert').textContent()).toBe(
      'A class is a folder later, whose name cannot have / in it. It is still called “empty”.',
    );
    expect(await label()).toBe('Name of the class');
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Enter');
    await eventually(() => card(page, 'empty').getByRole('alert').count()).toBe(0);
    expect(await label()).toBe('Name of the class');
    expect(await shownClasses(page)).toMatchObject({ empty: 'No pictures yet' });
    await tabTo('Undo');
    await page.keyboard.press('Enter');
    await eventually(() => news(page)).toBe('circle 3.png is back.');
    await eventually(label).toBe('Remove circle 3.png');
    await set(page, { imageSize: '16', epochs: '300' });
    await page.locator('#add-class').focus();
    await tabTo('Train on these pictures');
    await page.keyboard.press('Enter');
    await eventually(label).toBe('Pause');
    await page.keyboard.press('Tab');
    expect(await label()).toBe('Stop');
    await page.keyboard.press('Enter');
    await tested(page);
    expect(await page.locator('#matrix tbody th').allTextContents()).toEqual(['ring', 'square']);
  });
});

/** What axe finds fault with in the whole page: the rules of WCAG 2.2 AA, and good practice. */
async function faults(page: Page): Promise<string[]> {
  // Not as a script element, which the page's own policy forbids.
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe: there } = globalThis as unknown as { axe: typeof axe };
    const { violations } = await there.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
  });
}

/** What reaches beyond the screen, but for what is in a box that scrolls by itself. */
function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const wide = [...document.querySelectorAll('main *, dialog *')]
      .filter((element) => !element.closest('.table-wrap, .visually-hidden'))
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 0.5)
      .map((element) => element.outerHTML.slice(0, 100));
    return scrollWidth > clientWidth ? [`the page is ${scrollWidth} wide`, ...wide] : wide;
  });
}
