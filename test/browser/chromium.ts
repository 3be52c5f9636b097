/** Real Chromium for tests: the one at CHROMIUM_PATH, or where Debian's package puts it. */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import { describe, onTestFinished } from 'vitest';

export const chromiumPath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

const missing =
  !existsSync(chromiumPath) &&
  `there is no Chromium at ${chromiumPath}: install it ("apt-get install chromium" on Debian), or set CHROMIUM_PATH`;

/** Chromium's switches for a browser that talks to nobody but the page's server. */
const QUIET = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-default-apps',
  '--no-first-run',
];

/**
 * `describe` for tests that need Chromium. Where there is none they are skipped, and it is said why; but where CI is
 * set, they fail.
 */
export function describeInChromium(name: string, tests: () => void): void {
  const skipped = missing !== false && !process.env.CI;
  if (skipped) console.warn(`Tests of "${name}" are skipped because ${missing}.`);
  describe.skipIf(skipped)(name, tests);
}

/** Starts a headless browser. To be closed by whoever asked for it. */
export async function launchChromium(...switches: string[]): Promise<Browser> {
  if (missing !== false) throw new Error(`${missing}.`);
  return chromium.launch({
    executablePath: chromiumPath,
    // Chromium's own sandbox does not start as root.
    chromiumSandbox: process.getuid?.() !== 0,
    args: [...QUIET, ...switches],
  });
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
