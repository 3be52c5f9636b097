/**
 * Real browsers, for tests and benchmarks: those at CHROMIUM_PATH and FIREFOX_PATH, or where Debian's packages put them. Firefox is
 * the unchanged one that users have, driven over WebDriver BiDi.
 */
import { existsSync } from 'node:fs';
import { chromium, firefox, type Browser } from 'playwright-core';

const chromiumPath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const firefoxPath = process.env.FIREFOX_PATH ?? '/usr/bin/firefox-esr';

/** What is wrong if there is no such browser, and what to do about it. */
export const chromiumMissing = missing('Chromium', chromiumPath, 'chromium', 'CHROMIUM_PATH');
export const firefoxMissing = missing('Firefox', firefoxPath, 'firefox-esr', 'FIREFOX_PATH');

function missing(name: string, path: string, debian: string, variable: string): string | undefined {
  if (existsSync(path)) return undefined;
  return `there is no ${name} at ${path}: install it ("apt-get install ${debian}" on Debian), or set ${variable}`;
}

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
    executablePath: chromiumPath,
    // Chromium's own sandbox does not start as root.
    chromiumSandbox: process.getuid?.() !== 0,
    args: [...QUIET, ...switches],
  });
}

/** Starts a headless browser. To be closed by whoever asked for it. @throws Error if there is none */
export async function launchFirefox(): Promise<Browser> {
  if (firefoxMissing !== undefined) throw new Error(`${firefoxMissing}.`);
  // The channel stands for WebDriver BiDi; without it Playwright expects a Firefox that it has patched.
  return firefox.launch({ executablePath: firefoxPath, channel: 'moz-firefox' });
}
