/** The camera on the demo page: what the network says about it, live. */
import type { Browser, Page } from 'playwright-core';
import axe from 'axe-core';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { serveFolder, type RunningServer } from '../../src/browser/server/staticServer.ts';
import { encodeModel } from '../../src/training/modelFile.ts';
import { describeInChromium, launchChromium } from './chromium.ts';
import { temporaryFolder } from './classifierFile.ts';
import { colourModel } from './classifierModels.ts';
import { buildDemo, errorsOf, eventually, file, openDemo, set } from './demoPage.ts';
import { asked, fakeCamera, GRANTED, watchCamera } from './fakeCamera.ts';

describeInChromium('the camera of the demo page', () => {
  let server: RunningServer;
  let fakes: string[];

  beforeAll(async () => {
    fakes = await fakeCamera(await temporaryFolder());
    server = await serveFolder((await buildDemo()).folder, { port: 0 });
    return () => server.close();
  });

  async function open(...switches: string[]): Promise<Page> {
    const browser: Browser = await launchChromium(...switches);
    onTestFinished(() => browser.close());
    return openDemo(browser, server.url, { prepare: watchCamera });
  }

  /** With a network that knows red, green and blue. */
  async function openWithModel(...switches: string[]): Promise<Page> {
    const page = await open(...switches);
    await page.locator('#load').setInputFiles(file('colours.safetensors', encodeModel(colourModel())));
    await page.locator('#live-start').waitFor();
    return page;
  }

  it('is live while there is a network: a bar for each class, frames a second', async () => {
    const page = await open(...fakes, GRANTED);
    expect(await page.locator('#live-start').isVisible()).toBe(false);
    await page.locator('#load').setInputFiles(file('colours.safetensors', encodeModel(colourModel())));
    expect(await asked(page)).toMatchObject({ times: 0 });
    await page.locator('#live-start').focus();
    await page.keyboard.press('Enter');
    await eventually(() => page.locator('#live-said').textContent()).toBe('red');
    await eventually(() => page.locator('#live-rate').textContent()).toMatch(/^[1-9]\d* frames a second$/);
    expect(await page.locator('#live-spoken').textContent()).toBe('red');
    expect(await page.locator('#live-bars .name').allTextContents()).toEqual(['red', 'green', 'blue']);
    // They are never behind their numbers.
    const transition = await page
      .locator('#live-bars .bar-fill')
      .first()
      .evaluate((fill) => getComputedStyle(fill).transitionDuration);
    expect(transition).toBe('0s');
    // One question at a time.
    expect(await page.locator('#drawing').isVisible()).toBe(false);
    expect(await page.evaluate(() => document.activeElement!.id)).toBe('live-stop');
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Enter');
    expect(await page.locator('#live').isVisible()).toBe(false);
    expect(await page.evaluate(() => document.activeElement!.id)).toBe('live-start');
    expect(await asked(page)).toEqual({ times: 1, audio: false, states: ['ended'] });
    expect(errorsOf(page)).toEqual([]);
  });

  it('makes way for a picture that is dropped, and for another network', async () => {
    const page = await openWithModel(...fakes, GRANTED);
    await page.locator('#live-start').click();
    await eventually(() => page.locator('#live-said').textContent()).toBe('red');
    const transfer = await page.evaluateHandle(() => {
      const data = new DataTransfer();
      data.items.add(new File(['x'], 'broken.jpg'));
      return data;
    });
    await page.dispatchEvent('#predict', 'drop', { dataTransfer: transfer });
    await page.locator('#drawing').waitFor();
    await page.locator('#live-start').click();
    await page.locator('#live').waitFor();
    await set(page, { epochs: '1', images: '300' });
    await page.locator('#start').click();
    await eventually(() => asked(page)).toMatchObject({ times: 2, states: ['ended', 'ended'] });
    // The new one is asked as soon as it knows something.
    await page.locator('#live-start').click();
    await eventually(() => page.locator('#live-bars li').count()).toBe(10);
    await eventually(() => page.locator('#live-rate').textContent()).toMatch(/frames a second/);
  });

  it('may be refused', async () => {
    const page = await openWithModel(...fakes);
    await page.locator('#live-start').click();
    await page.locator('#live-problem:not([hidden])').waitFor();
    expect(await page.locator('#live-problem').textContent()).toContain('The camera stays off');
    expect(await page.locator('#live-start').isEnabled()).toBe(true);
    expect(await violations(page)).toEqual([]);
  });
});

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations: found } = await (globalThis as unknown as { axe: typeof axe }).axe.run();
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}
