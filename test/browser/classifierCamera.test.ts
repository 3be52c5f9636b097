/** A page in one file with a camera: asked for when the button is pressed, live, and politely refused. */
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { describeInChromium, launchChromium } from './chromium.ts';
import { openFile, temporaryFolder, writePage } from './classifierFile.ts';
import { colourModel } from './classifierModels.ts';
import { asked, fakeCamera, GRANTED, watchCamera, type Asked } from './fakeCamera.ts';

describeInChromium('the camera of a page in one file', () => {
  let url: string;
  let fakes: string[];

  beforeAll(async () => {
    const folder = await temporaryFolder();
    url = await writePage(join(folder, 'colours.html'), colourModel());
    fakes = await fakeCamera(folder);
  });

  async function launch(...switches: string[]): Promise<Browser> {
    const browser = await launchChromium(...switches);
    onTestFinished(() => browser.close());
    return browser;
  }

  it('is asked for when the button is pressed, seen live from its middle, and let go', async () => {
    const browser = await launch(...fakes, GRANTED);
    const { page, requests, complaints } = await openFile(browser, url, { prepare: watchCamera });
    expect(await asked(page)).toMatchObject({ times: 0 });
    await page.locator('#live-start').click();
    await expect.poll(() => page.locator('#live-said').textContent(), { timeout: 20_000 }).toBe('red');
    await expect
      .poll(() => page.locator('#live-rate').textContent(), { timeout: 20_000 })
      .toMatch(/^[1-9]\d* frames a second$/);
    expect(await page.locator('#live-spoken').textContent()).toBe('red');
    // In their places, not by their probabilities.
    expect(await page.locator('#live-bars .name').allTextContents()).toEqual(['red', 'green', 'blue']);
    const sum = await page
      .locator('#live-bars data')
      .evaluateAll((rows) => rows.reduce((total, row) => total + Number((row as HTMLDataElement).value), 0));
    expect(sum).toBeCloseTo(1, 5);
    // What is shown is what is classified.
    expect(
      await page.locator('#live-video').evaluate((video) => {
        const { width, height } = video.getBoundingClientRect();
        return [Math.round((100 * width) / height), getComputedStyle(video).objectFit];
      }),
    ).toEqual([100, 'cover']);
    expect(await page.evaluate(() => document.activeElement!.id)).toBe('live-stop');
    await page.keyboard.press('Enter');
    expect(await page.locator('#live').isVisible()).toBe(false);
    expect(await page.evaluate(() => document.activeElement!.id)).toBe('live-start');
    expect(await asked(page)).toEqual({ times: 1, audio: false, states: ['ended'] });
    // And once more.
    await page.keyboard.press('Enter');
    await page.locator('#live').waitFor();
    expect(await asked(page)).toMatchObject({ times: 2, states: ['ended', 'live'] });
    expect(requests).toEqual([]);
    expect(await complaints()).toEqual([]);
  });

  it('is missed when it is unplugged', async () => {
    const browser = await launch(...fakes, GRANTED);
    const { page } = await openFile(browser, url, { prepare: watchCamera });
    await page.locator('#live-start').click();
    await page.locator('#live').waitFor();
    await page.evaluate(() => {
      const { streams } = (globalThis as unknown as { asked: Asked }).asked;
      streams[0]!.getTracks()[0]!.dispatchEvent(new Event('ended'));
    });
    expect(await problem(page)).toBe('The camera was switched off or unplugged.');
    expect(await page.locator('#live').isVisible()).toBe(false);
  });

  it('may be refused', async () => {
    // Without anybody to be asked, Chromium refuses.
    const { page } = await openFile(await launch(...fakes), url, { prepare: watchCamera });
    await page.locator('#live-start').click();
    expect(await problem(page)).toContain('The camera stays off, as you or the browser decided.');
    expect(await page.locator('#live-start').isEnabled()).toBe(true);
    expect(await asked(page)).toMatchObject({ times: 1, states: [] });
  });

  it('may not be there', async () => {
    const { page } = await openFile(await launch(GRANTED), url);
    await page.locator('#live-start').click();
    expect(await problem(page)).toContain('There is no camera here.');
  });

  it('may be kept from a page', async () => {
    const { page } = await openFile(await launch(...fakes), url, {
      prepare: () => {
        Object.defineProperty(navigator, 'mediaDevices', { value: undefined });
      },
    });
    await page.locator('#live-start').click();
    expect(await problem(page)).toContain('open it from this machine, or over https');
  });
});

async function problem(page: Page): Promise<string> {
  await page.locator('#live-problem:not([hidden])').waitFor();
  return (await page.locator('#live-problem').textContent()) ?? '';
}
