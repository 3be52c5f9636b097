/** The page in a real browser: for those who use the keyboard, a screen reader, a dark room, or a small screen. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { default as Axe } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodePng } from '../../src/formats/png.ts';
import { encodeModel } from '../../src/training/modelFile.ts';
import { serveFolder, type RunningServer } from '../../src/browser/server/staticServer.ts';
import { describeInBrowsers } from './chromium.ts';
import { colourModel } from './classifierModels.ts';
import { buildDemo, file, notice, openDemo, set, startAndPause, tested, eventually } from './demoPage.ts';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const QUICK = { images: '200', epochs: '1' } as const;

describeInBrowsers('access to the page', ({ name, launch }) => {
  let browser: Browser;
  let server: RunningServer;
  let axeSource: string;

  beforeAll(async () => {
    server = await serveFolder((await buildDemo()).folder, { port: 0 });
    browser = await launch();
    axeSource = await readFile(axePath, 'utf8');
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  // Firefox ESR cannot be told over WebDriver BiDi that the system is dark.
  const schemes = name === 'Firefox' ? (['light'] as const) : (['light', 'dark'] as const);

  /** What axe finds fault with: the rules of WCAG 2.2 AA, and good practice. */
  async function faults(page: Page): Promise<string[]> {
    // Not as a script element, which the page's own policy forbids.
    await page.evaluate(axeSource);
    return page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: typeof Axe };
      const { violations } = await axe.run();
      return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
    });
  }

  it('has no fault that axe finds, in any state, light or dark', async () => {
    const page = await openDemo(browser, server.url, { reducedMotion: 'reduce' });
    const expectNoFaults = async (): Promise<void> => {
      for (const colorScheme of schemes) {
        await page.emulateMedia({ colorScheme });
        expect(await faults(page), colorScheme).toEqual([]);
      }
    };
    await expectNoFaults();
    // A network with branches, and all settings.
    await set(page, { network: 'resnet18', optimizer: 'sgd' });
    await page.locator('#layers .track').first().waitFor();
    await expectNoFaults();
    await set(page, { network: 'tutorial', images: '640', epochs: '2' });
    await startAndPause(page);
    await expectNoFaults();
    await page.locator('#resume').click();
    await tested(page);
    await page.locator('#random').click();
    await page.locator('#answer .bars').waitFor();
    await page.locator('#numbers summary').click();
    await set(page, { epochs: 'x' });
    await page.locator('#files').setInputFiles(file('cat.png', 'x'));
    await notice(page);
    await expectNoFaults();
  });

  it('can be used with the keyboard alone', async () => {
    const page = await openDemo(browser, server.url, { reducedMotion: 'reduce' });
    const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.id ?? '');
    const tabTo = async (id: string): Promise<void> => {
      for (let i = 0; i < 60 && (await focused()) !== id; i++) await page.keyboard.press('Tab');
      expect(await focused()).toBe(id);
    };
    // Nothing takes the focus by itself.
    expect(await focused()).toBe('');
    await set(page, { images: '640', epochs: '300' });
    await page.evaluate(() => {
      (document.activeElement as HTMLElement | null)?.blur();
      getSelection()?.setPosition(document.body, 0);
    });
    await tabTo('start');
    const outline = await page
      .locator('#start')
      .evaluate((element) => getComputedStyle(element).outlineStyle);
    expect(outline).toBe('solid');
    await page.keyboard.press('Enter');
    // Where the button that was pressed is gone, its successor has the focus.
    await eventually(focused).toBe('pause');
    await page.keyboard.press('Enter');
    await eventually(focused).toBe('resume');
    await page.keyboard.press('Enter');
    await eventually(focused).toBe('pause');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('stop');
    await page.keyboard.press('Enter');
    await tested(page);
    await eventually(focused).toBe('start');

    await page.locator('.matrix [tabindex="0"]').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    const label = (): Promise<string | null> =>
      page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? null);
    expect(await label()).toMatch(/^square taken for square:/);
    await page.keyboard.press('Home');
    expect(await label()).toMatch(/^square taken for circle:/);
    await page.keyboard.press('End');
    expect(await label()).toMatch(/^square taken for hourglass:/);
    await page.locator('.matrix button:not(.none)').first().focus();
    await page.keyboard.press('Enter');
    await eventually(focused).toBe('cell-title');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('#maps figure').first().waitFor();

    await page.locator('#drawing').focus();
    await page.keyboard.press('Space');
    for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await eventually(() => page.locator('#answer .verdict').textContent()).toContain('Your drawing');
  });

  it('tells screen readers of a training now and then, not of every epoch', async () => {
    const page = await openDemo(browser, server.url);
    await set(page, { images: '640', epochs: '12' });
    // What is shown, and what is read out when.
    await page.evaluate(() => {
      const shown: string[] = [];
      const spoken: [text: string, at: number][] = [];
      Object.assign(globalThis, { noted: { shown, spoken } });
      const note = (id: string, onText: (text: string) => void): void => {
        const element = document.querySelector(id)!;
        new MutationObserver(() => {
          onText(element.textContent);
        }).observe(element, { childList: true });
      };
      note('#status', (text) => shown.push(text));
      note('#spoken', (text) => spoken.push([text, performance.now()]));
    });
    await page.locator('#start').click();
    await tested(page);
    const { shown, spoken } = await page.evaluate(
      () =>
        (globalThis as unknown as { noted: { shown: string[]; spoken: [text: string, at: number][] } }).noted,
    );
    expect(shown.filter((text) => text.startsWith('Learning: epoch')).length).toBeGreaterThan(2);
    expect(await page.locator('#status').getAttribute('role')).toBe(null);
    expect(await page.locator('#spoken').getAttribute('role')).toBe('status');
    expect(spoken[0]![0]).toBe('Starting the engine …');
    expect(spoken.at(-1)![0]).toMatch(/^Trained in .* It names/);
    const gaps = spoken
      .map(([text, at], i): [string, number] => [text, at - (spoken[i - 1]?.[1] ?? -Infinity)])
      .filter(([text]) => /^(Learning|Checking)/.test(text))
      .map(([, gap]) => gap);
    // Observers are told a little later, each time.
    expect(gaps.filter((gap) => gap < 8000)).toEqual([]);
  });

  it('has room for a long word as the name of a class', async () => {
    const page = await openDemo(browser, server.url, { viewport: { width: 360, height: 740 } });
    const word = 'donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamten';
    const model = encodeModel(colourModel([word, 'cat', 'dog']));
    await page.locator('#load').setInputFiles(file('long.safetensors', model));
    await page.locator('#save:enabled').waitFor();
    await page
      .locator('#picture')
      .setInputFiles(
        file('white.png', encodePng({ width: 1, height: 1, data: new Uint8Array(4).fill(255) })),
      );
    await page.locator('#answer .bars').waitFor();
    const tooWide = await page.evaluate(() => {
      const rights = [...document.querySelectorAll('#predict *')]
        .filter((element) => !element.closest('.visually-hidden'))
        .map((element) => element.getBoundingClientRect().right);
      return Math.max(...rights) - innerWidth + (document.documentElement.scrollWidth - innerWidth);
    });
    expect(tooWide).toBeLessThanOrEqual(0);
    // The name is above its bar, and no text lies on another.
    const [name, track, data] = await page
      .locator('#answer .bars li')
      .filter({ hasText: word })
      .evaluate((row) =>
        ['.name', '.bar-track', 'data'].map((part) => {
          const element = row.querySelector(part)!;
          const { bottom, top, right, left } = element.getBoundingClientRect();
          return { bottom, top, right, left };
        }),
      );
    expect(name!.bottom).toBeLessThanOrEqual(track!.top);
    expect(name!.right).toBeLessThanOrEqual(data!.left);
  });

  it('fits a screen 360 pixels wide in every state', async () => {
    const page = await openDemo(browser, server.url, { viewport: { width: 360, height: 740 } });
    // Beside the scroll bar, which takes room in Firefox.
    const tooMuch = (): Promise<number> =>
      page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return Math.max(scrollWidth, document.body.scrollWidth) - clientWidth;
      });
    expect(await tooMuch()).toBe(0);
    await set(page, { network: 'mobilenetv2', optimizer: 'sgd' });
    await page.locator('#layers .track').first().waitFor();
    expect(await tooMuch()).toBe(0);
    await set(page, { network: 'tutorial', optimizer: 'adam', ...QUICK });
    await page.locator('#start').click();
    await page.locator('#chart svg').waitFor();
    expect(await tooMuch()).toBe(0);
    await tested(page);
    await page.locator('#numbers summary').click();
    await page.locator('#random').click();
    await page.locator('#answer .bars').waitFor();
    await page.locator('#files').setInputFiles(file(`${'long-name-'.repeat(12)}.png`, 'x'));
    await notice(page);
    expect(await tooMuch()).toBe(0);
    // What is in a box that scrolls by itself may be wider; nothing else.
    const tooWide = await page.evaluate(() =>
      [...document.querySelectorAll('main *')]
        .filter((element) => !element.closest('.table-wrap, .visually-hidden'))
        .filter((element) => element.getBoundingClientRect().right > 360.5)
        .map((element) => element.outerHTML.slice(0, 100)),
    );
    expect(tooWide).toEqual([]);
    const chart = await page.locator('#chart svg').boundingBox();
    expect(chart!.width).toBeGreaterThan(280);
  });

  it.skipIf(name === 'Firefox')(
    'is as light or dark as the system, until it is told otherwise, and remembers that',
    async () => {
      const page = await openDemo(browser, server.url, { colorScheme: 'dark' });
      const ground = (): Promise<string> =>
        page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect(await ground()).toBe('rgb(15, 19, 22)');
      await page.locator('#theme').click();
      expect(await ground()).toBe('rgb(246, 246, 243)');
      expect(await page.locator('#theme').getAttribute('aria-pressed')).toBe('false');
      await page.reload();
      expect(await ground()).toBe('rgb(246, 246, 243)');
    },
  );
});
