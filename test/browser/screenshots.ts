/**
 * Pictures of the page in each of its states, in light and in dark, to be looked at; the README shows some of them:
 * `npx tsx --conditions=simdnet-source test/browser/screenshots.ts FOLDER PICTURES`. The page must have been built; PICTURES is a folder that
 * `npm run demo-pictures -- --out PICTURES` has made.
 */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { serveFolder } from '../../src/browser/server/staticServer.ts';
import { launchChromium } from './chromium.ts';

const [folder = 'screenshots', pictures] = process.argv.slice(2);
if (pictures === undefined)
  throw new Error('Name a folder for the screenshots, and one with classes of pictures.');
await mkdir(folder, { recursive: true });
/** Of the pictures, how many of which. */
const CLASSES = [
  ['frog', 48],
  ['ship', 42],
  ['horse', 36],
] as const;

const demo = fileURLToPath(new URL('../../dist/demo/', import.meta.url));
const foreign = fileURLToPath(new URL('../fixtures/exchange/mobile.onnx', import.meta.url));
const server = await serveFolder(demo, { port: 0 });
const browser = await launchChromium();

async function shoot(page: Page, name: string, fullPage = false): Promise<void> {
  // Charts are drawn a moment after what they show.
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage });
}

async function section(page: Page, id: string, name: string): Promise<void> {
  await page.waitForTimeout(300);
  // The bar at the top would lie across it.
  await page.addStyleTag({ content: '.bar { position: static !important }' });
  await page.locator(`#${id}`).screenshot({ path: join(folder, `${name}.png`) });
}

async function draw(page: Page): Promise<void> {
  const canvas = page.locator('#drawing');
  await canvas.scrollIntoViewIfNeeded();
  const box = (await canvas.boundingBox())!;
  const at = (angle: number): [number, number] => [
    box.x + box.width * (0.5 + 0.28 * Math.cos(angle)),
    box.y + box.height * (0.5 + 0.28 * Math.sin(angle)),
  ];
  await page.mouse.move(...at(0));
  await page.mouse.down();
  for (let i = 1; i <= 24; i++) await page.mouse.move(...at((i * Math.PI) / 12));
  await page.mouse.up();
}

async function newPage(scheme: 'light' | 'dark'): Promise<Page> {
  const page = await browser.newPage({
    // The page's policy would keep styles away that are added here.
    bypassCSP: true,
    colorScheme: scheme,
    reducedMotion: 'reduce',
    viewport: { width: 1280, height: 860 },
  });
  page.on('pageerror', (error) => {
    console.error(error.message);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') console.error(message.text());
  });
  await page.goto(server.url);
  await page.locator('#start:enabled').waitFor();
  return page;
}

async function allStates(scheme: 'light' | 'dark'): Promise<void> {
  const page = await newPage(scheme);
  await shoot(page, `${scheme}-1-start`);
  await shoot(page, `${scheme}-1-start-whole`, true);
  await page.locator('#setting-network').selectOption('resnet18');
  await page.locator('#layers .track').first().waitFor();
  await page.locator('#advanced summary').click();
  // Where its second stage begins, there is a convolution in the way around, too.
  await page.locator('#layers tr', { hasText: 'stage2_block1_1_conv' }).evaluate((row) => {
    row.parentElement!.closest('#layers-wrap')!.scrollTop = (row as HTMLElement).offsetTop - 120;
  });
  await section(page, 'network', `${scheme}-1-network`);
  await page.reload();
  await page.locator('#start:enabled').waitFor();
  await page.locator('#start').click();
  await page.locator('#epochs tr:nth-child(4)').waitFor({ state: 'attached' });
  await shoot(page, `${scheme}-2-training`);
  await page.locator('#pause').click();
  await shoot(page, `${scheme}-3-paused`);
  await page.locator('#resume').click();
  await page.locator('#start:enabled').waitFor({ timeout: 600_000 });
  await shoot(page, `${scheme}-4-done`);
  await page.locator('input[value=epoch]').check({ force: true });
  await section(page, 'stage', `${scheme}-5-by-epoch`);
  await page.locator('.matrix .wrong').first().click();
  await section(page, 'understand', `${scheme}-6-understand`);
  await section(page, 'understand .matrix-columns', `${scheme}-6-matrix`);
  await draw(page);
  await page.locator('#answer .bars').waitFor();
  await section(page, 'predict', `${scheme}-7-predict`);
  await page
    .locator('#files')
    .setInputFiles({ name: 'cat.png', mimeType: 'image/png', buffer: Buffer.from('x') });
  await page.locator('#notice').waitFor();
  await page.evaluate(() => {
    scrollTo(0, 0);
  });
  await shoot(page, `${scheme}-8-error`);
  await page.setViewportSize({ width: 360, height: 760 });
  await shoot(page, `${scheme}-9-narrow`, true);
  await page.close();
}

/** A model of another program, as it is opened and once it has been trained on. */
async function loaded(scheme: 'light' | 'dark'): Promise<void> {
  const page = await newPage(scheme);
  await page.locator('#load').setInputFiles(foreign);
  await page.getByText('Train the loaded model').waitFor();
  await shoot(page, `${scheme}-13-loaded`);
  await section(page, 'network', `${scheme}-13-loaded-network`);
  await page.locator('#setting-trained').selectOption('last');
  await page.locator('#setting-epochs').fill('2');
  await page.locator('#start').click();
  await page.locator('#findings').waitFor();
  await page.locator('#start:enabled').waitFor();
  await section(page, 'network', `${scheme}-13-trained-on`);
  await page.setViewportSize({ width: 360, height: 760 });
  await section(page, 'network', `${scheme}-13-trained-on-narrow`);
  await page.close();
}

/** The part of the page with pictures of one's own: empty, in use, and trained on. */
async function ownPictures(scheme: 'light' | 'dark', root: string): Promise<void> {
  const page = await newPage(scheme);
  await section(page, 'pictures', `${scheme}-10-pictures-empty`);
  for (const [i, [name, count]] of CLASSES.entries()) {
    if (i >= 2) await page.locator('#add-class').click();
    const card = page.locator('.class-card').nth(i);
    await card.locator('.class-name').fill(name);
    await card.locator('.class-name').press('Enter');
    const files = (await readdir(join(root, name))).sort().slice(0, count);
    await card.locator('input[type=file]').setInputFiles(files.map((file) => join(root, name, file)));
    await card.getByText(`${count} pictures`).waitFor();
  }
  await page.locator('#pictures-status', { hasText: 'added' }).waitFor();
  await page.evaluate(() => {
    (document.activeElement as HTMLElement | null)?.blur();
  });
  await section(page, 'pictures', `${scheme}-10-pictures`);
  await page.setViewportSize({ width: 360, height: 760 });
  await section(page, 'pictures', `${scheme}-10-pictures-narrow`);
  await page.setViewportSize({ width: 1280, height: 860 });
  await page.locator('#train-pictures').click();
  await page.locator('#findings').waitFor({ timeout: 600_000 });
  await page.locator('#start:enabled').waitFor();
  await shoot(page, `${scheme}-11-trained`);
  await section(page, 'understand', `${scheme}-11-understand`);
  await page
    .locator('.class-card input[type=file]')
    .first()
    .setInputFiles({ name: 'notes.png', mimeType: 'image/png', buffer: Buffer.from('hello') });
  await page.locator('#refusals').waitFor();
  await section(page, 'pictures', `${scheme}-12-refused`);
  await page.close();
}

try {
  for (const scheme of ['light', 'dark'] as const) {
    await allStates(scheme);
    await ownPictures(scheme, pictures);
    await loaded(scheme);
  }
} finally {
  await browser.close();
  await server.close();
}
