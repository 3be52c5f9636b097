/**
 * Pictures of the page in each of its states, in light and in dark, to be looked at; the README shows some of them:
 * `npx tsx --conditions=simdnet-source test/browser/screenshots.ts FOLDER`. The page must have been built.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { serveFolder } from '../../src/browser/server/staticServer.ts';
import { launchChromium } from './chromium.ts';

const folder = process.argv[2] ?? 'screenshots';
await mkdir(folder, { recursive: true });
const demo = fileURLToPath(new URL('../../dist/demo/', import.meta.url));
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

async function allStates(scheme: 'light' | 'dark'): Promise<void> {
  const page = await browser.newPage({
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
  await page.locator('#start:enabled').waitFor({ timeout: 120_000 });
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

try {
  await allStates('light');
  await allStates('dark');
} finally {
  await browser.close();
  await server.close();
}
