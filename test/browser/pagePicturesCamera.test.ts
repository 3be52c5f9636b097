/** Own pictures that the camera takes, and what a network that was trained on them says of what it sees. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { serveFolder, type RunningServer } from '../../src/browser/server/staticServer.ts';
import { temporaryFolder } from '../cli/simdnet.ts';
import { describeInChromium, launchChromium } from './chromium.ts';
import { buildDemo, errorsOf, eventually, openDemo, set, tested } from './demoPage.ts';
import { asked, fakeCamera, GRANTED, watchCamera } from './fakeCamera.ts';
import { ownPictures } from './ownPictures.ts';
import { card, fill, news, rename } from './ownPicturesPage.ts';

describeInChromium('own pictures from the camera', () => {
  let server: RunningServer;
  let fakes: string[];

  beforeAll(async () => {
    server = await serveFolder((await buildDemo()).folder, { port: 0 });
    fakes = await fakeCamera(await temporaryFolder());
  });

  afterAll(() => server.close());

  async function open(...switches: string[]): Promise<Page> {
    const browser: Browser = await launchChromium(...switches);
    onTestFinished(() => browser.close());
    return openDemo(browser, server.url, { prepare: watchCamera });
  }

  const taken = async (page: Page, name: string): Promise<number> =>
    parseInt((await card(page, name).locator('.class-count').textContent())!) || 0;

  it('are taken as long as the button is held, with the keyboard too, and kept', async () => {
    const page = await open(...fakes, GRANTED);
    await rename(page, 'Class 1', 'red');
    const button = card(page, 'red').getByRole('button', { name: 'Hold to record' });
    expect(await asked(page)).toMatchObject({ times: 0 });
    await button.focus();
    await page.keyboard.down('Space');
    await eventually(() => taken(page, 'red')).toBeGreaterThanOrEqual(3);
    await page.keyboard.up('Space');
    // What was under way is over when that is said.
    await eventually(() => news(page)).toMatch(/^“red” has \d+ pictures now\.$/);
    const count = await taken(page, 'red');
    expect(await news(page)).toBe(`“red” has ${count} pictures now.`);
    // One more, by a short press.
    await button.click();
    await eventually(() => news(page)).toBe(`“red” has ${count + 1} pictures now.`);
    expect(await asked(page)).toMatchObject({ times: 1, audio: false, states: ['live'] });
    expect(await card(page, 'red').locator('video').isVisible()).toBe(true);
    // They are what the camera sees: red above black.
    const [above, below] = await card(page, 'red')
      .locator('.thumbnail canvas')
      .first()
      .evaluate((canvas: HTMLCanvasElement) => {
        const context = canvas.getContext('2d')!;
        return [0.1, 0.9].map((y) => [...context.getImageData(48, canvas.height * y, 1, 1).data]);
      });
    expect(above![0]).toBeGreaterThan(200);
    expect(below![0]).toBeLessThan(60);

    await card(page, 'red').getByRole('button', { name: 'Camera off' }).click();
    expect(await asked(page)).toMatchObject({ states: ['ended'] });
    expect(await card(page, 'red').locator('video').isVisible()).toBe(false);
    await page.reload();
    await eventually(() => taken(page, 'red')).toBe(count + 1);
    expect(errorsOf(page)).toEqual([]);
  });

  it.each([360, 1280])('are taken with a button that stays where it is, %i pixels wide', async (width) => {
    const page = await open(...fakes, GRANTED);
    await page.setViewportSize({ width, height: 740 });
    const button = (name: string): Locator =>
      card(page, name).getByRole('button', { name: 'Hold to record' });
    const heightOf = async (name: string): Promise<number> => (await card(page, name).boundingBox())!.height;
    // In pixels, of which scrolling leaves fractions.
    const topOf = async (name: string): Promise<number> => (await button(name).boundingBox())!.y;
    const small = await heightOf('Class 2');
    await button('Class 1').hover();
    const before = await topOf('Class 1');
    await button('Class 1').click();
    await eventually(() => news(page)).toBe('The camera is on: hold to record.');
    expect(await card(page, 'Class 1').locator('video').isVisible()).toBe(true);
    expect(await taken(page, 'Class 1')).toBe(0);
    expect(Math.abs((await topOf('Class 1')) - before)).toBeLessThan(1);
    await page.mouse.down();
    await eventually(() => taken(page, 'Class 1')).toBeGreaterThanOrEqual(2);
    expect(Math.abs((await topOf('Class 1')) - before)).toBeLessThan(1);
    await page.mouse.up();
    expect(await heightOf('Class 1')).toBeGreaterThan(small);
    expect(await heightOf('Class 2')).toBe(small);
    // The other camera picture, which is above it on a small screen, goes.
    await button('Class 2').hover();
    const other = await topOf('Class 2');
    await page.mouse.down();
    await eventually(() => taken(page, 'Class 2')).toBeGreaterThanOrEqual(1);
    expect(await card(page, 'Class 1').locator('video').isVisible()).toBe(false);
    expect(Math.abs((await topOf('Class 2')) - other)).toBeLessThan(1);
    await page.mouse.up();
    expect(errorsOf(page)).toEqual([]);
  });

  it('are told from others by the network that was trained on them, live', async () => {
    const page = await open(...fakes, GRANTED);
    await fill(page, ownPictures(['circle'], 10));
    await rename(page, 'Class 2', 'red');
    await card(page, 'red').getByRole('button', { name: 'Hold to record' }).focus();
    await page.keyboard.down('Space');
    await eventually(() => taken(page, 'red')).toBeGreaterThanOrEqual(10);
    await page.keyboard.up('Space');
    await set(page, { imageSize: '16', epochs: '12', batchSize: '8', tier: 'simd' });
    const order = (): Promise<string[]> =>
      page
        .locator('.easel')
        .locator('#drawing, #clear, #picture, #random, #live-start')
        .evaluateAll((elements) => elements.map(({ id }) => id));
    const forShapes = ['drawing', 'clear', 'picture', 'random', 'live-start'];
    expect(await order()).toEqual(forShapes);
    // Where it is shown how far they are read.
    await page.evaluate(() => {
      const bars: string[] = [];
      Object.assign(globalThis, { bars });
      for (const bar of document.querySelectorAll('progress'))
        new MutationObserver((changes) => {
          // Hidden before it was changed, or after: observers may be told of both changes at once.
          if (!bar.hidden || changes.length > 1) bars.push(bar.id);
        }).observe(bar, { attributeFilter: ['hidden'] });
    });
    await page.locator('#train-pictures').click();
    await tested(page);
    const bars = await page.evaluate(() => (globalThis as unknown as { bars: string[] }).bars);
    expect([...new Set(bars)]).toEqual(['reading-pictures']);
    expect(await page.locator('#reading-pictures').isVisible()).toBe(false);
    // What was learnt from pictures is shown things first.
    expect(await order()).toEqual(['live-start', 'picture', 'drawing', 'clear', 'random']);
    const bottom = (await page.locator('#live-start').boundingBox())!;
    expect(bottom.y + bottom.height).toBeLessThan((await page.locator('#drawing').boundingBox())!.y);
    await page.locator('#live-start').click();
    await eventually(() => page.locator('#live-said').textContent()).toBe('red');
    expect(await page.locator('#live-bars .name').allTextContents()).toEqual(['circle', 'red']);
    // There is one camera.
    await eventually(() => page.locator('#live-rate').textContent()).toMatch(/^[1-9]\d* frames a second$/);
    await page.locator('#live-stop').click();
    await page.locator('input[name=stage][value=data]').check({ force: true });
    await page.locator('#shapes').click();
    await eventually(order).toEqual(forShapes);
    expect(errorsOf(page)).toEqual([]);
  });

  it('may be refused, and files work all the same', async () => {
    const page = await open(...fakes);
    await card(page, 'Class 1').getByRole('button', { name: 'Hold to record' }).click();
    await eventually(() => card(page, 'Class 1').getByRole('alert').textContent()).toContain(
      'The camera stays off, as you or the browser decided.',
    );
    expect(await card(page, 'Class 1').getByRole('button', { name: 'Hold to record' }).isEnabled()).toBe(
      true,
    );
    expect(await taken(page, 'Class 1')).toBe(0);
  });

  it('are no more once the class is removed', async () => {
    const page = await open(...fakes, GRANTED);
    const button = card(page, 'Class 1').getByRole('button', { name: 'Hold to record' });
    await button.focus();
    await page.keyboard.down('Enter');
    await eventually(() => taken(page, 'Class 1')).toBeGreaterThanOrEqual(1);
    await page.keyboard.up('Enter');
    await card(page, 'Class 1').getByRole('button', { name: 'Remove the class Class 1' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await eventually(() => card(page, 'Class 1').count()).toBe(0);
    expect(await asked(page)).toMatchObject({ states: ['ended'] });
  });
});
