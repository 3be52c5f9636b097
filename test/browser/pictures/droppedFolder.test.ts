/** Folders that are really dropped on a page, from the disk. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type * as Found from '../../../src/browser/pictures/found.ts';
import { describeInChromium, launchChromium, openPage } from '../chromium.ts';
import { eventually } from '../demoPage.ts';
import type { StaticServer } from '../staticServer.ts';
import { serveModule } from './bundledPage.ts';

/** More than a browser gives at a time. */
const MANY = 250;

describeInChromium('a folder that is dropped', () => {
  let browser: Browser;
  let server: StaticServer;
  let root: string;

  beforeAll(async () => {
    server = await serveModule('pictures/found.ts');
    browser = await launchChromium();
    root = await mkdtemp(join(tmpdir(), 'simdnet-dropped-'));
    const paths = [
      ...Array.from({ length: MANY }, (_, i) => `pets/cat/${i}.jpg`),
      'pets/dog/deep/1.png',
      'pets/dog/.DS_Store',
      'pets/dog/notes.txt',
      'pets/__MACOSX/cat/1.jpg',
      'loose.webp',
    ];
    for (const path of paths) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), path);
    }
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
    await rm(root, { recursive: true });
  });

  /** The classes that are found in what is dropped, and how many pictures are in each. */
  async function drop(page: Page, ...names: string[]): Promise<unknown> {
    await page.evaluate(() => {
      const { foundOf, byClass } = (globalThis as unknown as { tested: typeof Found }).tested;
      document.body.style.height = '400px';
      document.body.addEventListener('dragover', (event) => {
        event.preventDefault();
      });
      document.body.addEventListener('drop', (event) => {
        event.preventDefault();
        void foundOf(event.dataTransfer!).then(async (found) => {
          const last = await found.at(-1)!.file.text();
          const classes = [...byClass(found, 'other')].map(([name, files]) => `${files.length} × ${name}`);
          document.title = [...classes, last].join(', ');
        });
      });
    });
    const client = await page.context().newCDPSession(page);
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await client.send('Input.dispatchDragEvent', {
        type,
        x: 100,
        y: 100,
        data: { items: [], files: names.map((name) => join(root, name)), dragOperationsMask: 1 },
      });
    }
    await eventually(() => page.title()).not.toBe('A test');
    return page.title();
  }

  it('is found whole, with what lies beside it', async () => {
    const page = await openPage(browser, server.url);
    expect(await drop(page, 'pets')).toBe(`${MANY} × cat, 1 × dog, pets/dog/notes.txt`);
    const other = await openPage(browser, server.url);
    expect(await drop(other, 'pets/cat', 'loose.webp')).toBe(`${MANY} × cat, 1 × other, loose.webp`);
  });
});
