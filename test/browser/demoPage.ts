/** The demo page, built and served, and what tests do on it. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, expect, onTestFinished } from 'vitest';
import type { Field } from '../../src/browser/settings.ts';
import { downloadFolder } from './launch.ts';

/** Builds the page into a folder of its own, which is removed after the tests of the file. */
export async function buildDemo(...subfolder: string[]): Promise<{ root: string; folder: string }> {
  const root = await mkdtemp(join(tmpdir(), 'simdnet-demo-'));
  afterAll(() => rm(root, { recursive: true, force: true }));
  const folder = join(root, ...subfolder);
  const script = fileURLToPath(new URL('../../src/browser/build.mjs', import.meta.url));
  await promisify(execFile)(process.execPath, [script, folder]);
  return { root, folder };
}

export interface OpenOptions extends BrowserContextOptions {
  /** Runs in the page before anything else does. */
  readonly prepare?: () => void;
  /** Is given the page before anything is loaded. */
  readonly beforeLoad?: (page: Page) => Promise<void>;
  /** Whether to wait until it is ready to train. */
  readonly ready?: boolean;
}

const complaints = new WeakMap<Page, string[]>();

/** The errors in the console of a page, those that nothing caught among them. */
export function errorsOf(page: Page): readonly string[] {
  return complaints.get(page)!;
}

/** Opens the page in a context of its own, which is closed after the test. */
export async function openDemo(browser: Browser, url: string, options: OpenOptions = {}): Promise<Page> {
  const { prepare, beforeLoad, ready = true, ...contextOptions } = options;
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...contextOptions });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  // Firefox may have to try again: see chromium.ts.
  page.setDefaultTimeout(browser.browserType().name() === 'firefox' ? 45_000 : 30_000);
  const errors: string[] = [];
  complaints.set(page, errors);
  const complain = (text: string): void => {
    errors.push(text);
    console.error(`${page.url()}: ${text}`);
  };
  page.on('pageerror', (error) => {
    complain(error.message);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') complain(message.text());
  });
  if (prepare) await page.addInitScript(prepare);
  await beforeLoad?.(page);
  await page.goto(url);
  if (ready) await idle(page);
  return page;
}

/** Waits until something could be trained. */
export async function idle(page: Page): Promise<void> {
  await page.locator('#start:enabled').waitFor();
}

/** Fills in fields of the form. */
export async function set(page: Page, fields: Partial<Record<Field, string>>): Promise<void> {
  for (const [name, value] of Object.entries(fields)) {
    const field = page.locator(`#setting-${name}`);
    const folded = page.locator(`#advanced:not([open]):has(#setting-${name}) summary`);
    if ((await folded.count()) > 0) await folded.click();
    const tag = await field.evaluate((element) => element.localName);
    if (tag === 'select') await field.selectOption(value);
    else if (tag === 'fieldset') await tick(field, value.split(','));
    else await field.fill(value);
  }
}

/** Ticks these boxes of a group, and no others. */
async function tick(group: Locator, values: readonly string[]): Promise<void> {
  for (const box of await group.locator('input').all())
    await box.setChecked(values.includes((await box.getAttribute('value'))!));
}

/** Trains with some settings until it is done and tested. */
export async function train(page: Page, fields: Partial<Record<Field, string>>): Promise<void> {
  await set(page, fields);
  await page.locator('#start').click();
  await tested(page);
}

/** Waits until the model has been tested. */
export async function tested(page: Page): Promise<void> {
  await page.locator('#findings').waitFor();
  await idle(page);
}

/** Starts a training, and pauses it when some of it is done. From within the page, or it could be over by then. */
export async function startAndPause(page: Page): Promise<void> {
  await page.locator('#start').click();
  await page.evaluate(async () => {
    const progress = document.querySelector<HTMLProgressElement>('#progress')!;
    while (progress.value < 0.1) await new Promise(requestAnimationFrame);
    document.querySelector<HTMLButtonElement>('#pause')!.click();
  });
  await page.locator('#resume').waitFor();
}

/** Kills the process behind the page, and opens the page anew. */
export async function crash(page: Page, url: string): Promise<Page> {
  const crashed = page.waitForEvent('crash');
  page.goto('chrome://crash').catch(() => undefined);
  await crashed;
  const next = await page.context().newPage();
  await next.goto(url);
  await idle(next);
  return next;
}

/** What a button gives as a file. */
export async function download(page: Page, button: string): Promise<{ name: string; bytes: Buffer }> {
  const folder = downloadFolder(page.context().browser());
  if (folder !== undefined) {
    await page.locator(button).click();
    return takeFile(folder);
  }
  const [file] = await Promise.all([page.waitForEvent('download'), page.locator(button).click()]);
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
}

/** The only file of a folder, as soon as it is complete; it is gone afterwards. */
async function takeFile(folder: string): Promise<{ name: string; bytes: Buffer }> {
  let seen = '';
  const complete = async (): Promise<string | undefined> => {
    const names = await readdir(folder);
    // While it arrives there are two: an empty one, and one with ".part" behind its name.
    if (names.length !== 1 || names[0]!.endsWith('.part')) return undefined;
    const { size } = await stat(join(folder, names[0]!));
    const before = seen;
    seen = `${names[0]!} ${size}`;
    return size > 0 && seen === before ? names[0] : undefined;
  };
  let name: string | undefined;
  await eventually(async () => (name = await complete())).toBeDefined();
  const path = join(folder, name!);
  const bytes = await readFile(path);
  await rm(path);
  return { name: name!, bytes };
}

/** What came of the test, with all its digits. */
export async function evaluation(page: Page): Promise<{ loss: number; accuracy: number }> {
  const value = async (id: string): Promise<number> => Number(await page.locator(id).getAttribute('value'));
  return { loss: await value('#test-loss'), accuracy: await value('#test-accuracy') };
}

/** The error on the page. */
export async function notice(page: Page): Promise<string> {
  const element = page.locator('#notice p');
  await element.waitFor();
  return (await element.textContent()) ?? '';
}

/** A file to choose. */
export function file(name: string, contents: Uint8Array | string) {
  return { name, mimeType: 'application/octet-stream', buffer: Buffer.from(contents) };
}

/** What will be true of a value in a while, even on a machine that has other things to do. */
export function eventually<T>(value: () => T | Promise<T>) {
  return expect.poll(value, { timeout: 20_000 });
}
