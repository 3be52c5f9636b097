/** A page on which the library is loaded, and what tests do with it there. */
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import type { BatchLogs } from '../../src/training/totals.ts';
import type * as portable from '../../src/portable.ts';
import { openPage } from './chromium.ts';
import { serveFolder, type ServerOptions, type StaticServer } from './staticServer.ts';

/** The bundles, relative to the server's root. */
export const SINGLE_FILE = '/simdnet.js';
export const STREAMING = '/streaming/simdnet.js';

const dist = fileURLToPath(new URL('../../dist/browser/', import.meta.url));

declare global {
  /** The library, in pages. */
  var simdnet: typeof portable;
  /** What the calls of {@link trainSmall} in a page can be watched by. */
  var onBatchEnd: ((batch: number, logs: BatchLogs) => void) | undefined;
}

/** Serves the bundles, with an empty page for each that loads it. */
export function serveBundles(options: ServerOptions = {}): Promise<StaticServer> {
  return serveFolder(dist, {
    ...options,
    files: {
      '/index.html': page(SINGLE_FILE),
      '/streaming.html': page(STREAMING),
      '/empty.html': '<!doctype html><title>Empty</title>',
      ...options.files,
    },
  });
}

function page(module: string): string {
  return `<!doctype html><title>simdnet</title>
    <script type="module">import * as simdnet from '${module}'; globalThis.simdnet = simdnet;</script>`;
}

/** Opens a page with the library on it. @param module  SINGLE_FILE or STREAMING */
export async function openSimdnet(
  browser: Browser,
  server: StaticServer,
  module = SINGLE_FILE,
  prepare?: () => void,
): Promise<Page> {
  const path = module === STREAMING ? '/streaming.html' : '/';
  const opened = await openPage(browser, server.url + path, prepare);
  await opened.waitForFunction(() => 'simdnet' in globalThis);
  return opened;
}

export interface Trained {
  readonly loss: readonly number[];
  readonly threads: number;
  readonly tier: string;
  /** The SHA-256 of model.safetensors. */
  readonly sha256: string;
}

/**
 * Trains a small network on a few shapes, evaluates and predicts with it, and disposes of it. Self-contained, to be run
 * in a page or here.
 */
export async function trainSmall(threads: number): Promise<Trained> {
  const { sequential, conv2d, maxPooling2d, flatten, dense, generateShapes, encodeModel } = simdnet;
  const { train } = generateShapes({ seed: 0, trainCount: 300, testCount: 1 });
  const layers = [
    conv2d({ filters: 8, kernelSize: 3, activation: 'relu', inputShape: [32, 32, 3] }),
    maxPooling2d(),
    flatten(),
    dense({ units: 10, activation: 'softmax' }),
  ];
  const model = sequential(layers, { tier: 'simd', threads });
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  const { history } = await model.fit(train.images, train.labels, {
    epochs: 2,
    batchSize: 64,
    callbacks: { ...(globalThis.onBatchEnd && { onBatchEnd: globalThis.onBatchEnd }) },
  });
  const trained = model.engine!;
  const { loss } = await model.evaluate(train.images, train.labels);
  const { data } = await model.predict(train.images.subarray(0, 3072));
  if (!data.every((p) => p >= 0 && p <= 1)) throw new Error(`These are no probabilities: ${data.join(', ')}`);
  const digest = await crypto.subtle.digest('SHA-256', encodeModel(model));
  await model.dispose();
  const sha256 = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { loss: [...history.loss!, loss], threads: trained.threads, tier: trained.tier, sha256 };
}
