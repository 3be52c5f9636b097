/** A page in one file with a camera: asked for when the button is pressed, live, and politely refused. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { describeInChromium, launchChromium } from './chromium.ts';
import { openFile, temporaryFolder, writePage } from './classifierFile.ts';
import { colourModel } from './classifierModels.ts';

/** What cameras are told in luma and chroma, by ITU-R BT.601. */
const YUV = { red: [81, 90, 240], green: [145, 54, 34], black: [16, 128, 128] } as const;

/**
 * A frame of 640×480 in the format that Chromium takes for a camera's. In its middle, as wide as high, 3 pixels in 10 are red; beside that it is
 * green, which is more than red on the whole, and none within the middle.
 */
function frame(): Uint8Array {
  const [width, height] = [640, 480];
  const colourAt = (x: number, y: number) => {
    if (x < 80 || x >= 560) return YUV.green;
    return y < 0.3 * height ? YUV.red : YUV.black;
  };
  const plane = (component: 0 | 1 | 2, step: number): Uint8Array =>
    Uint8Array.from({ length: (width * height) / (step * step) }, (_, i) => {
      const row = width / step;
      return colourAt((i % row) * step, Math.floor(i / row) * step)[component];
    });
  const header = new TextEncoder().encode(`YUV4MPEG2 W${width} H${height} F30:1 Ip A1:1 C420jpeg\nFRAME\n`);
  return Buffer.concat([header, plane(0, 1), plane(1, 2), plane(2, 2)]);
}

/** What the page asked the browser for, and got. */
interface Asked {
  readonly constraints: MediaStreamConstraints[];
  readonly streams: MediaStream[];
}

/** Notes what the page asks for. To be run in a page before anything else. */
function watchCamera(): void {
  const asked: Asked = { constraints: [], streams: [] };
  Object.assign(globalThis, { asked });
  const { mediaDevices } = navigator;
  const ask = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints = {}) => {
    asked.constraints.push(constraints);
    const stream = await ask(constraints);
    asked.streams.push(stream);
    return stream;
  };
}

const asked = (page: Page): Promise<{ times: number; audio: unknown; states: string[] }> =>
  page.evaluate(() => {
    const { constraints, streams } = (globalThis as unknown as { asked: Asked }).asked;
    const tracks = streams.flatMap((stream) => stream.getTracks());
    return {
      times: constraints.length,
      audio: constraints[0]?.audio,
      states: tracks.map(({ readyState }) => readyState),
    };
  });

describeInChromium('the camera of a page in one file', () => {
  let url: string;
  let fakes: string[];

  beforeAll(async () => {
    const folder = await temporaryFolder();
    url = await writePage(join(folder, 'colours.html'), colourModel());
    const video = join(folder, 'camera.y4m');
    await writeFile(video, frame());
    fakes = ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${video}`];
  });

  async function launch(...switches: string[]): Promise<Browser> {
    const browser = await launchChromium(...switches);
    onTestFinished(() => browser.close());
    return browser;
  }

  it('is asked for when the button is pressed, seen live from its middle, and let go', async () => {
    const browser = await launch(...fakes, '--use-fake-ui-for-media-stream');
    const { page, requests, complaints } = await openFile(browser, url, { prepare: watchCamera });
    expect(await asked(page)).toMatchObject({ times: 0 });
    await page.locator('#camera').click();
    await expect.poll(() => page.locator('#live-said').textContent(), { timeout: 20_000 }).toBe('red');
    await expect
      .poll(() => page.locator('#rate').textContent(), { timeout: 20_000 })
      .toMatch(/^[1-9]\d* frames a second$/);
    expect(await page.locator('#spoken').textContent()).toBe('red');
    // In their places, not by their probabilities.
    expect(await page.locator('#live-bars .name').allTextContents()).toEqual(['red', 'green', 'blue']);
    const sum = await page
      .locator('#live-bars data')
      .evaluateAll((rows) => rows.reduce((total, row) => total + Number((row as HTMLDataElement).value), 0));
    expect(sum).toBeCloseTo(1, 5);
    // What is shown is what is classified.
    expect(
      await page.locator('#video').evaluate((video) => {
        const { width, height } = video.getBoundingClientRect();
        return [Math.round((100 * width) / height), getComputedStyle(video).objectFit];
      }),
    ).toEqual([100, 'cover']);
    expect(await page.evaluate(() => document.activeElement!.id)).toBe('stop');
    await page.keyboard.press('Enter');
    expect(await page.locator('#live').isVisible()).toBe(false);
    expect(await page.evaluate(() => document.activeElement!.id)).toBe('camera');
    expect(await asked(page)).toEqual({ times: 1, audio: false, states: ['ended'] });
    // And once more.
    await page.keyboard.press('Enter');
    await page.locator('#live').waitFor();
    expect(await asked(page)).toMatchObject({ times: 2, states: ['ended', 'live'] });
    expect(requests).toEqual([]);
    expect(await complaints()).toEqual([]);
  });

  it('is missed when it is unplugged', async () => {
    const browser = await launch(...fakes, '--use-fake-ui-for-media-stream');
    const { page } = await openFile(browser, url, { prepare: watchCamera });
    await page.locator('#camera').click();
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
    await page.locator('#camera').click();
    expect(await problem(page)).toContain('The camera stays off, as you or the browser decided.');
    expect(await page.locator('#camera').isEnabled()).toBe(true);
    expect(await asked(page)).toMatchObject({ times: 1, states: [] });
  });

  it('may not be there', async () => {
    const { page } = await openFile(await launch('--use-fake-ui-for-media-stream'), url);
    await page.locator('#camera').click();
    expect(await problem(page)).toContain('There is no camera here.');
  });

  it('may be kept from a page', async () => {
    const { page } = await openFile(await launch(...fakes), url, {
      prepare: () => {
        Object.defineProperty(navigator, 'mediaDevices', { value: undefined });
      },
    });
    await page.locator('#camera').click();
    expect(await problem(page)).toContain('open the file from this machine, or over https');
  });
});

async function problem(page: Page): Promise<string> {
  await page.locator('#camera-problem:not([hidden])').waitFor();
  return (await page.locator('#camera-problem').textContent()) ?? '';
}
