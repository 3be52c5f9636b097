/**
 * Real browsers, for tests and benchmarks: those at CHROMIUM_PATH and FIREFOX_PATH, or where Debian's packages put them. Firefox is
 * the unchanged one that users have, driven over WebDriver BiDi.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

const folders = new WeakMap<Browser, string>();

/** Starts a headless browser. To be closed by whoever asked for it. @throws Error if there is none */
export async function launchFirefox(): Promise<Browser> {
  if (firefoxMissing !== undefined) throw new Error(`${firefoxMissing}.`);
  const downloadsPath = mkdtempSync(join(tmpdir(), 'simdnet-downloads-'));
  // The channel stands for WebDriver BiDi; without it Playwright expects a Firefox that it has patched.
  const browser = await firefox.launch({
    executablePath: firefoxPath,
    channel: 'moz-firefox',
    downloadsPath,
  });
  folders.set(browser, downloadsPath);
  browser.on('disconnected', () => {
    rmSync(downloadsPath, { recursive: true, force: true });
  });
  return browser;
}

/**
 * Where a Firefox puts what pages offer as files. Playwright does not tell of that when it does not come with a navigation, and
 * links with the attribute "download" have none in Firefox. Undefined for Chromium, of which Playwright tells everything.
 */
export function downloadFolder(browser: Browser | null): string | undefined {
  return browser ? folders.get(browser) : undefined;
}
