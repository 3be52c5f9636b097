/** Pages in one file, as they are made of models, and opened from the disk without a network. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, expect, onTestFinished } from 'vitest';
import { classifierPage, type ClassifierParts } from '../../src/formats/classifierPage.ts';
import { encodeModel } from '../../src/training/modelFile.ts';
import type { Model } from '../../src/training/model.ts';

const template = new URL('../../dist/export/classifier.html', import.meta.url);

/** A folder that is removed after the tests of the file. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'simdnet-page-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** @returns where the page of a model is */
export async function writePage(
  path: string,
  model: Model,
  parts: Partial<ClassifierParts> = {},
): Promise<string> {
  const text = await readFile(template, 'utf8');
  await writeFile(path, await classifierPage(text, { title: 'A test', model: encodeModel(model), ...parts }));
  return pathToFileURL(path).href;
}

export interface OpenedPage {
  readonly page: Page;
  /** What it asked for beside itself. */
  readonly requests: readonly string[];
  /** What went wrong, in the console and by its policy. */
  readonly complaints: () => Promise<readonly string[]>;
}

export interface OpenOptions extends BrowserContextOptions {
  readonly prepare?: () => void;
  /** Whether to wait until the network is there. */
  readonly ready?: boolean;
}

/** Opens a page in a context of its own that has no network, and is closed after the test. */
export async function openFile(
  browser: Browser,
  url: string,
  { prepare, ready = true, ...options }: OpenOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext(options);
  onTestFinished(() => context.close());
  // Firefox cannot be told so over WebDriver BiDi.
  if (browser.browserType().name() === 'chromium') await context.setOffline(true);
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const [requests, errors]: [string[], string[]] = [[], []];
  page.on('request', (request) => {
    if (!/^(blob|data):/.test(request.url()) && request.url() !== url) requests.push(request.url());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) errors.push(message.text());
  });
  await page.addInitScript(() => {
    const found: string[] = [];
    Object.assign(globalThis, { violations: found });
    document.addEventListener('securitypolicyviolation', (event) => {
      found.push(`${event.effectiveDirective} ${event.blockedURI}`);
    });
  });
  if (prepare) await page.addInitScript(prepare);
  await page.goto(url);
  if (ready) await page.locator('html[data-state=ready]').waitFor();
  const complaints = async (): Promise<readonly string[]> => [
    ...errors,
    ...(await page.evaluate(() => (globalThis as unknown as { violations: string[] }).violations)),
  ];
  return { page, requests, complaints };
}

export interface ShownAnswer {
  readonly file: string;
  /** The class, or what is wrong. */
  readonly said: string;
  readonly probabilities: Readonly<Record<string, number>>;
}

/** The answers on the page, all classes unfolded, when none is waited for. */
export async function shownAnswers(page: Page): Promise<ShownAnswer[]> {
  await expect.poll(() => page.locator('.head .muted').count(), { timeout: 30_000 }).toBe(0);
  return page.evaluate(() => {
    const text = (element: Element | null): string => element?.textContent ?? '';
    return Array.from(document.querySelectorAll('.result'), (result) => {
      result.querySelector<HTMLElement>('.link[aria-expanded=false]')?.click();
      const rows = Array.from(result.querySelectorAll('.bars li'), (row): [string, number] => [
        text(row.querySelector('.name')),
        Number(row.querySelector('data')!.value),
      ]);
      return {
        file: text(result.querySelector('.file')),
        said: text(result.querySelector('.said, .problem')),
        probabilities: Object.fromEntries(rows),
      };
    });
  });
}

/** A file to choose. */
export function chosen(name: string, bytes: Uint8Array) {
  return { name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) };
}
