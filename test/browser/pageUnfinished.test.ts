/** A training outlives its tab. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serveFolder, type RunningServer } from '../../src/browser/server/staticServer.ts';
import { simdnet, temporaryFolder } from '../cli/simdnet.ts';
import { describeInChromium, launchChromium } from './chromium.ts';
import { buildDemo, crash, download, eventually, idle, notice, openDemo, set, tested } from './demoPage.ts';
import { ownPictures, writeOwnPictures } from './ownPictures.ts';
import { card, fill, shownClasses } from './ownPicturesPage.ts';

/** So many that the tab ends well before the training does. */
const EPOCHS = 8;

const SETTINGS = { epochs: String(EPOCHS), images: '1600', tier: 'simd', dropout: '0.2' } as const;
const ARGUMENTS = `--dataset shapes --epochs ${EPOCHS} --train-limit 1600 --tier simd --dropout 0.2`.split(
  ' ',
);

describeInChromium('a training whose tab ends', () => {
  let browser: Browser;
  let server: RunningServer;
  /** The model of the same training on the command line, undisturbed. */
  let undisturbed: Buffer;

  beforeAll(async () => {
    const { folder } = await buildDemo();
    server = await serveFolder(folder, { port: 0 });
    browser = await launchChromium();
    const run = join(await temporaryFolder(), 'run');
    const { code } = await simdnet(['train', ...ARGUMENTS, '--out', run]);
    expect(code).toBe(0);
    undisturbed = await readFile(join(run, 'model.safetensors'));
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  /** Trains until so many epochs are complete. */
  async function trainFor(page: Page, epochs: number): Promise<void> {
    await set(page, SETTINGS);
    await page.locator('#start').click();
    await page.locator(`#epochs tr:nth-child(${epochs})`).waitFor({ state: 'attached' });
  }

  it('goes on to the same bits', async () => {
    const first = await openDemo(browser, server.url);
    expect(await first.locator('#unfinished').isVisible()).toBe(false);
    await trainFor(first, 2);
    const page = await crash(first, server.url);
    await page.locator('#unfinished').waitFor();
    // An epoch is shown before its checkpoint is written: the latter may come too late.
    expect(await page.locator('#unfinished-text').textContent()).toMatch(
      new RegExp(`^The last training ended with its tab, in epoch [2-8] of ${EPOCHS}\\.$`),
    );
    await page.locator('#go-on').click();
    await tested(page);
    expect(await page.locator('#epochs tr').count()).toBe(EPOCHS);
    const { bytes } = await download(page, '#save');
    expect(bytes.equals(undisturbed)).toBe(true);
    await page.reload();
    await idle(page);
    expect(await page.locator('#unfinished').isVisible()).toBe(false);
  });

  it('goes on with own pictures to the same bits, without their being chosen again', async () => {
    const pictures = ownPictures(['circle', 'square'], 20);
    const [folder, run] = [join(await temporaryFolder(), 'mine'), join(await temporaryFolder(), 'run')];
    await writeOwnPictures(folder, pictures);
    const options = '--epochs 30 --image-size 48 --batch-size 4 --tier simd --augment flip,rotate'.split(' ');
    const { code } = await simdnet(['train', folder, ...options, '--out', run]);
    expect(code).toBe(0);
    const first = await openDemo(browser, server.url);
    await fill(first, pictures);
    await set(first, { epochs: '30', imageSize: '48', batchSize: '4', tier: 'simd', augment: 'flip,rotate' });
    await first.locator('#train-pictures').click();
    await first.locator('#epochs tr:nth-child(2)').waitFor({ state: 'attached' });
    const page = await crash(first, server.url);
    await page.locator('#unfinished').waitFor();
    expect(await page.locator('#data-summary').textContent()).toContain('Shapes');
    expect(await page.locator('#unfinished-text').textContent()).toMatch(/in epoch \d+ of 30\.$/);
    await page.locator('#go-on').click();
    await tested(page);
    expect(await page.locator('#data-summary').textContent()).toContain('Your pictures');
    expect(await page.locator('#epochs tr').count()).toBe(30);
    const expected = await readFile(join(run, 'model.safetensors'));
    expect((await download(page, '#save')).bytes.equals(expected)).toBe(true);
  });

  it('does not go on with other pictures than it began with', async () => {
    const first = await openDemo(browser, server.url);
    const pictures = ownPictures(['circle', 'square'], 20);
    await fill(first, pictures);
    await set(first, { epochs: '500', batchSize: '4', tier: 'simd' });
    await first.locator('#train-pictures').click();
    await first.locator('#epochs tr:nth-child(2)').waitFor({ state: 'attached' });
    const page = await crash(first, server.url);
    await page.locator('#unfinished').waitFor();
    await card(page, 'circle').locator('.thumbnail').first().click();
    await eventually(() => shownClasses(page)).toMatchObject({ circle: '19 pictures' });
    await page.locator('#go-on').click();
    expect(await notice(page)).toBe(
      'The pictures are not those that it began with: forget it, and train anew.',
    );
    await idle(page);
    await page.locator('#unfinished').waitFor();
    await page.locator('#remove-all').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove all' }).click();
    await eventually(() => page.locator('#unfinished-text').textContent()).toContain(
      'Choose your pictures to go on.',
    );
    expect(await page.locator('#go-on').isDisabled()).toBe(true);
  });

  it('can be forgotten', async () => {
    const page = await openDemo(browser, server.url);
    await trainFor(page, 1);
    await page.reload();
    await page.locator('#forget').click();
    expect(await page.locator('#unfinished').isVisible()).toBe(false);
    await page.reload();
    await idle(page);
    expect(await page.locator('#unfinished').isVisible()).toBe(false);
  });
});
