/** What tests in Chromium begin with. */
import type { Browser, Page } from 'playwright-core';
import { describe, onTestFinished } from 'vitest';
import { chromiumMissing } from './launch.ts';

export { launchChromium } from './launch.ts';

/**
 * `describe` for tests that need Chromium. Where there is none they are skipped, and it is said why; but where CI is
 * set, they fail.
 */
export function describeInChromium(name: string, tests: () => void): void {
  const skipped = chromiumMissing !== undefined && !process.env.CI;
  if (skipped) console.warn(`Tests of "${name}" are skipped because ${chromiumMissing}.`);
  describe.skipIf(skipped)(name, tests);
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
