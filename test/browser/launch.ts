/** Real Chromium, for tests and benchmarks: the one at CHROMIUM_PATH, or where Debian's package puts it. */
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const path = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** What is wrong if there is no Chromium, and what to do about it. */
export const chromiumMissing = existsSync(path)
  ? undefined
  : `there is no Chromium at ${path}: install it ("apt-get install chromium" on Debian), or set CHROMIUM_PATH`;

/** Switches for a browser that talks to nobody but the page's server. */
const QUIET = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-default-apps',
  '--no-first-run',
];

/** Starts a headless browser. To be closed by whoever asked for it. @throws Error if there is none */
export async function launchChromium(...switches: string[]): Promise<Browser> {
  if (chromiumMissing !== undefined) throw new Error(`${chromiumMissing}.`);
  return chromium.launch({
    executablePath: path,
    // Chromium's own sandbox does not start as root.
    chromiumSandbox: process.getuid?.() !== 0,
    args: [...QUIET, ...switches],
  });
}
