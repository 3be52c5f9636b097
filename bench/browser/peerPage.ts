/** Node's side of a contender in a page of Chromium. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { embeddedOptions } from '../../src/bundle/embed.mjs';
import { serveFolder, type StaticServer } from '../../test/browser/staticServer.ts';
import { openedImages } from '../imageSet.ts';
import type { Kind, Outputs } from '../peers/child.ts';
import type { Participant } from '../peers/tournament.ts';
import type { PageEntry } from './entries.ts';
import type { PageBench } from './page.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

declare global {
  /** In the page. */
  var bench: PageBench;
}

/** Serves the page's program, and the packages it fetches more from, to a cross-origin isolated page. */
export async function serveContenders(): Promise<StaticServer> {
  const { outputFiles } = await build({
    ...(await embeddedOptions()),
    entryPoints: ['bench/browser/page.ts'],
    logLevel: 'error',
    write: false,
  });
  const { images, labels, ...shape } = openedImages();
  return serveFolder(root, {
    isolated: true,
    files: {
      '/index.html': '<!doctype html><title>bench</title><script type="module" src="/bench.js"></script>',
      '/bench.js': outputFiles[0]!.text,
      '/images.json': JSON.stringify({ ...shape, labels: [...labels] }),
      '/images.bin': images,
    },
  });
}

export class PeerPage implements Participant {
  readonly entry: PageEntry;
  readonly #browser: Browser;
  readonly #url: string;
  #page: Page | undefined;

  constructor(entry: PageEntry, browser: Browser, url: string) {
    this.entry = entry;
    this.#browser = browser;
    this.#url = url;
  }

  async open(checkSteps: number): Promise<Outputs> {
    this.#page = await openBench(this.#browser, this.#url);
    const outcome = await this.#page.evaluate(
      ([entry, steps]) => bench.open(entry, steps).catch((error: unknown) => String(error)),
      [this.entry, checkSteps] as const,
    );
    if (typeof outcome === 'string') throw new Error(outcome.split('\n')[0]);
    const { probabilities, losses } = outcome;
    return { probabilities: probabilities?.map((each) => Float32Array.from(each)), losses };
  }

  run(kind: Kind, batches: number): Promise<number> {
    return this.#page!.evaluate(([what, count]) => bench.run(what, count), [kind, batches] as const);
  }

  close(): void {
    void this.#page?.close();
  }
}

/** A page that is ready for its contender. */
export async function openBench(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(url);
  await page.waitForFunction(() => 'bench' in globalThis);
  return page;
}
