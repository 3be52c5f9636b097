/** What tests in browsers begin with. */
import type { Browser, Page } from 'playwright-core';
import { describe, onTestFinished } from 'vitest';
import { chromiumMissing, firefoxMissing, launchChromium, launchFirefox } from './launch.ts';

export { launchChromium } from './launch.ts';

export interface TestedBrowser {
  readonly name: 'Chromium' | 'Firefox';
  /** To be closed by whoever asked for it. */
  readonly launch: () => Promise<Browser>;
  readonly missing: string | undefined;
  /** How often a test may be tried again. */
  readonly retry: number;
}

/** Of a test, in milliseconds: other work on the machine can make a training many times slower. */
const TIME_LIMIT = 180_000;

/** A page is driven against the clock, so on a machine that is short of time a test may be tried once more; its line says so. */
const CHROMIUM: TestedBrowser = {
  name: 'Chromium',
  launch: launchChromium,
  missing: chromiumMissing,
  retry: process.env.CI ? 1 : 0,
};
/**
 * In a Firefox that is driven, about one training in ten on the demo page does not begin: in the page's worker, `new Worker` for a
 * thread of the engine never returns, be it the first or the second, also where the second is made only when the first one runs. Of
 * 86 trainings in a Firefox that was left alone all began, in old processes and in new ones; so tests are tried again.
 */
const FIREFOX: TestedBrowser = { name: 'Firefox', launch: launchFirefox, missing: firefoxMissing, retry: 6 };

/**
 * `describe` for tests that need Chromium. Where there is none they are skipped, and it is said why; but where CI is
 * set, they fail.
 */
export function describeInChromium(name: string, tests: () => void): void {
  describeIn(CHROMIUM, name, tests);
}

/** The same for tests that are to be passed in Chromium and in Firefox. */
export function describeInBrowsers(name: string, tests: (browser: TestedBrowser) => void): void {
  for (const browser of [CHROMIUM, FIREFOX]) {
    describeIn(browser, `${name} in ${browser.name}`, () => {
      tests(browser);
    });
  }
}

function describeIn({ missing, retry }: TestedBrowser, name: string, tests: () => void): void {
  const skipped = missing !== undefined && !process.env.CI;
  if (skipped) console.warn(`Tests of "${name}" are skipped because ${missing}.`);
  describe.skipIf(skipped)(name, { timeout: TIME_LIMIT, retry }, tests);
}

/**
 * Opens an address in a context of its own, which is closed after the test. What goes wrong in the page is written to
 * the test's output.
 * @param prepare  runs in the page before anything else does
 */
export async function openPage(browser: Browser, url: string, prepare?: () => void): Promise<Page> {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  page.on('pageerror', (error) => {
    console.error(`${page.url()}: ${error.message}`);
  });
  if (prepare) await page.addInitScript(prepare);
  await page.goto(url);
  return page;
}
