/**
 * Pictures of a page that `simdnet export --to html` has made, in each of its states, in light and in dark, wide and narrow, to be looked at:
 * `npx tsx --conditions=simdnet-source test/browser/classifierScreenshots.ts PAGE.html FOLDER`.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { launchChromium } from './launch.ts';

const [file, folder = 'screenshots'] = process.argv.slice(2);
if (file === undefined) throw new Error('Name the page.');
await mkdir(folder, { recursive: true });
const url = pathToFileURL(resolve(file)).href;

interface Picture {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

const of = (name: string, buffer: Buffer): Picture => ({ name, mimeType: '', buffer });

async function picture(name: string): Promise<Picture> {
  return of(name, await readFile(new URL(`../fixtures/pictures/${name}`, import.meta.url)));
}

const browser = await launchChromium('--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream');

async function shoot(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(300);
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

async function allStates(colorScheme: 'light' | 'dark', width: number): Promise<void> {
  const page = await browser.newPage({ colorScheme, viewport: { width, height: 800 } });
  const name = (state: string): string => `${colorScheme}-${width}-${state}`;
  await page.goto(url);
  await page.locator('html[data-state=ready]').waitFor();
  await shoot(page, name('1-start'));
  await page
    .locator('#files')
    .setInputFiles([
      await picture('baseline.jpg'),
      await picture('lossless-alpha.webp'),
      await picture('grey.jpg.png'),
      of('holiday-cut-short.jpg', Buffer.from('ffd8ffe000104a464946', 'hex')),
      of('old.gif', Buffer.from('GIF89a…')),
    ]);
  await page.locator('#status', { hasText: 'pictures:' }).waitFor();
  const more = page.locator('.link').first();
  if ((await more.count()) > 0) await more.click();
  await shoot(page, name('2-answers'));
  await page.locator('#clear').click();
  await page.locator('#live-start').click();
  await page.locator('#live-rate', { hasText: 'frames' }).waitFor();
  await shoot(page, name('3-camera'));
  await page.locator('#live-stop').click();
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));
  });
  await page.locator('#live-start').click();
  await page.locator('#live-problem:not([hidden])').waitFor();
  await shoot(page, name('4-refused'));
  await page.close();
}

try {
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1100, 360]) await allStates(colorScheme, width);
} finally {
  await browser.close();
}
