/** The button that takes pictures with the camera as long as it is held. */
import type { Browser, Page } from 'playwright-core';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import type { Recorder } from '../../src/browser/page/recorder.ts';
import { describeInChromium, launchChromium, openPage } from './chromium.ts';
import { temporaryFolder } from './classifierFile.ts';
import { eventually } from './demoPage.ts';
import { asked, fakeCamera, GRANTED, watchCamera } from './fakeCamera.ts';
import { serveModule } from './pictures/bundledPage.ts';
import type { StaticServer } from './staticServer.ts';

const BODY = `<button id="a">Hold</button> <button id="b">Hold</button>
  <video id="video-a" muted playsinline hidden></video><video id="video-b" muted playsinline></video>`;

/** What the page notes of a recorder. */
interface Noted {
  readonly recorder: Recorder;
  readonly pictures: Blob[];
  /** "on", "off", and problems. */
  readonly events: string[];
  /** To be waited for with each picture. */
  wait: () => Promise<void>;
  overlaps: boolean;
}

declare global {
  var tested: { readonly Recorder: typeof Recorder };
  var noted: Record<string, Noted>;
}

/** Makes recorders of both buttons. To be run in the page. */
function setUp(): void {
  const { Recorder } = globalThis.tested;
  globalThis.noted = {};
  for (const name of ['a', 'b']) {
    const pictures: Blob[] = [];
    const events: string[] = [];
    let working = false;
    const onPicture = async (blob: Blob): Promise<void> => {
      const notes = globalThis.noted[name]!;
      if (working) notes.overlaps = true;
      working = true;
      pictures.push(blob);
      await notes.wait().finally(() => (working = false));
    };
    const recorder = new Recorder(document.querySelector<HTMLButtonElement>(`#${name}`)!, onPicture, {
      video: document.querySelector<HTMLVideoElement>(`#video-${name}`)!,
      onCamera: (on) => events.push(on ? 'on' : 'off'),
      onProblem: (problem) => events.push(problem),
    });
    globalThis.noted[name] = { recorder, pictures, events, wait: () => Promise.resolve(), overlaps: false };
  }
}

const count = (page: Page, name = 'a'): Promise<number> =>
  page.evaluate((which) => globalThis.noted[which]!.pictures.length, name);

const events = (page: Page, name = 'a'): Promise<string[]> =>
  page.evaluate((which) => globalThis.noted[which]!.events, name);

/** Until nothing more comes: four times as long as the next picture would take. */
async function settled(page: Page): Promise<number> {
  await page.waitForTimeout(500);
  return count(page);
}

describeInChromium('the button that records', () => {
  let server: StaticServer;
  let fakes: string[];

  beforeAll(async () => {
    fakes = await fakeCamera(await temporaryFolder());
    server = await serveModule('page/recorder.ts', BODY);
    return () => server.close();
  });

  async function launch(...switches: string[]): Promise<Browser> {
    const browser = await launchChromium(...switches);
    onTestFinished(() => browser.close());
    return browser;
  }

  async function open(...switches: string[]): Promise<Page> {
    const page = await openPage(await launch(...switches), server.url, watchCamera);
    await page.evaluate(setUp);
    return page;
  }

  /** With the camera on. */
  async function openOn(): Promise<Page> {
    const page = await open(...fakes, GRANTED);
    await page.locator('#a').click();
    await eventually(() => events(page)).toEqual(['', 'on']);
    return page;
  }

  it('asks for the camera when it is first pressed, and takes one picture when it is pressed for a moment', async () => {
    const page = await open(...fakes, GRANTED);
    expect(await asked(page)).toMatchObject({ times: 0 });
    await page.locator('#a').click();
    await eventually(() => events(page)).toEqual(['', 'on']);
    expect(await asked(page)).toMatchObject({ times: 1, audio: false, states: ['live'] });
    // Nobody has seen yet what would be on it.
    expect(await settled(page)).toBe(0);
    await page.locator('#a').click();
    await eventually(() => count(page)).toBe(1);
    await page.locator('#a').click();
    await page.locator('#a').click();
    await eventually(() => count(page)).toBe(3);
    expect(await settled(page)).toBe(3);
    expect(await asked(page)).toMatchObject({ times: 1 });
  });

  it('takes the middle of what the camera shows, as a square JPEG file', async () => {
    const page = await openOn();
    await page.locator('#a').click();
    await eventually(() => count(page)).toBe(1);
    const picture = await page.evaluate(async () => {
      const [blob] = globalThis.noted.a!.pictures as [Blob];
      const bitmap = await createImageBitmap(blob);
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = canvas.getContext('2d')!;
      context.drawImage(bitmap, 0, 0);
      const at = (x: number, y: number): string => {
        const [red, green, blue] = context.getImageData(x * bitmap.width, y * bitmap.height, 1, 1).data;
        return [red, green, blue].map((value) => (value! > 128 ? 1 : 0)).join('');
      };
      const start = new Uint8Array(await blob.slice(0, 3).arrayBuffer());
      return {
        type: blob.type,
        start: [...start],
        size: [bitmap.width, bitmap.height],
        // Beside the middle it is green.
        corners: [at(0.01, 0.01), at(0.98, 0.01), at(0.01, 0.98), at(0.98, 0.98)],
      };
    });
    expect(picture).toEqual({
      type: 'image/jpeg',
      start: [0xff, 0xd8, 0xff],
      size: [320, 320],
      corners: ['100', '100', '000', '000'],
    });
  });

  it('takes some eight pictures a second as long as it is held', async () => {
    const page = await openOn();
    await page.locator('#a').hover();
    await page.mouse.down();
    expect(await page.locator('#a').getAttribute('class')).toBe('recording');
    await eventually(() => count(page)).toBeGreaterThanOrEqual(5);
    // It is held although the pointer is elsewhere.
    await page.mouse.move(600, 500);
    const [before, begin] = [await count(page), Date.now()];
    await eventually(() => count(page)).toBeGreaterThanOrEqual(before + 5);
    const most = (Date.now() - begin) / 125 + 2;
    expect((await count(page)) - before).toBeLessThanOrEqual(most);
    await page.mouse.up();
    const last = await settled(page);
    expect(await settled(page)).toBe(last);
    expect(await page.locator('#a').getAttribute('class')).toBe('');
  });

  it.each(['Space', 'Enter'])('is held with the key %s, too', async (key) => {
    const page = await openOn();
    await page.locator('#a').focus();
    await page.keyboard.press(key);
    await eventually(() => count(page)).toBe(1);
    expect(await settled(page)).toBe(1);
    await page.keyboard.down(key);
    await page.keyboard.down(key);
    await eventually(() => count(page)).toBeGreaterThanOrEqual(4);
    await page.keyboard.up(key);
    const last = await settled(page);
    expect(await settled(page)).toBe(last);
    // Whoever goes elsewhere will let go of the key there.
    await page.keyboard.down(key);
    await eventually(() => count(page)).toBeGreaterThan(last);
    await page.locator('#b').focus();
    const after = await settled(page);
    expect(await settled(page)).toBe(after);
  });

  it('takes one picture when a program presses it', async () => {
    const page = await openOn();
    await page.evaluate(() => {
      document.querySelector('button')!.click();
    });
    await eventually(() => count(page)).toBe(1);
    expect(await settled(page)).toBe(1);
  });

  it('waits for what is done with a picture', async () => {
    const page = await openOn();
    await page.evaluate(() => {
      globalThis.noted.a!.wait = () => new Promise((resolve) => setTimeout(resolve, 300));
    });
    await page.locator('#a').hover();
    await page.mouse.down();
    await eventually(() => count(page)).toBeGreaterThanOrEqual(3);
    await page.mouse.up();
    expect(await page.evaluate(() => globalThis.noted.a!.overlaps)).toBe(false);
  });

  it('tells what is wrong with that, and stops', async () => {
    const page = await openOn();
    await page.evaluate(() => {
      globalThis.noted.a!.wait = () => Promise.reject(new Error('There is no room for it.'));
    });
    await page.locator('#a').click();
    await eventually(() => events(page)).toEqual([
      '',
      'on',
      'off',
      'The camera had to be stopped. There is no room for it.',
    ]);
    expect(await asked(page)).toMatchObject({ states: ['ended'] });
  });

  it('takes pictures with the first press, if it is held until the camera is there', async () => {
    const page = await open(...fakes, GRANTED);
    await page.locator('#a').hover();
    await page.mouse.down();
    await eventually(() => count(page)).toBeGreaterThanOrEqual(2);
    await page.mouse.up();
  });

  it('may be refused, and asks again', async () => {
    const page = await open(...fakes);
    for (const times of [1, 2]) {
      await page.locator('#a').click();
      await eventually(async () => (await asked(page)).times).toBe(times);
      await eventually(() => events(page).then((all) => all.at(-1))).toContain(
        'The camera stays off, as you or the browser decided.',
      );
    }
    expect(await count(page)).toBe(0);
    expect(await page.locator('#a').isEnabled()).toBe(true);
  });

  it('switches the camera off when the page is hidden, when it is told to, and when another begins', async () => {
    const page = await openOn();
    await page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { value: true, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
      Object.defineProperty(document, 'hidden', { value: false });
    });
    expect(await events(page)).toEqual(['', 'on', 'off']);
    expect(await asked(page)).toMatchObject({ states: ['ended'] });
    await page.locator('#a').click();
    await eventually(() => events(page)).toEqual(['', 'on', 'off', '', 'on']);
    await page.locator('#b').click();
    await eventually(() => events(page, 'b')).toEqual(['', 'on']);
    expect(await events(page)).toEqual(['', 'on', 'off', '', 'on', 'off']);
    expect(await asked(page)).toMatchObject({ times: 3, states: ['ended', 'ended', 'live'] });
    await page.evaluate(() => {
      globalThis.noted.a!.recorder.stop();
      globalThis.noted.b!.recorder.stop();
    });
    expect(await events(page, 'b')).toEqual(['', 'on', 'off']);
    expect(await events(page)).toHaveLength(6);
    expect(await asked(page)).toMatchObject({ states: ['ended', 'ended', 'ended'] });
  });

  it('switches the camera off when nothing was recorded for a minute', async () => {
    const page = await openPage(await launch(...fakes, GRANTED), server.url, watchCamera);
    await page.clock.install();
    await page.evaluate(setUp);
    await page.locator('#a').click();
    await eventually(() => events(page)).toEqual(['', 'on']);
    await page.clock.fastForward(50_000);
    await page.locator('#a').click();
    await eventually(() => count(page)).toBe(1);
    await page.clock.runFor(500);
    await page.clock.fastForward(50_000);
    expect(await events(page)).toEqual(['', 'on']);
    await page.clock.fastForward(10_000);
    await eventually(() => events(page)).toEqual(['', 'on', 'off']);
    expect(await asked(page)).toMatchObject({ states: ['ended'] });
  });
});
