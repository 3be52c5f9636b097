/** The engine's builds and the worker's program as parts of the bundle: src/bundle/embed.mjs puts them in. */

import { KERNELS } from '../engine/kernels.ts';
import { edited } from './edits.ts';
import { inflated } from './inflated.ts';

interface Embedded {
  /** The first build as edits of the kernels' names, then each as edits of the one before it: all deflated, in base64. */
  readonly engines: string;
  /** How many bytes each build has, and its part of these. */
  readonly builds: readonly (readonly [name: string, size: number, part: number])[];
  readonly worker: string;
}

/** Replaced by the bundler. */
declare const SIMDNET_EMBEDDED: Embedded;

/** What to do when the worker does not start, for messages. */
export const remedy =
  "If the page has a Content-Security-Policy, its worker-src must allow blob:, or import 'simdnet/streaming' instead.";

/** One build of the engine. */
export async function loadAsset(name: string): Promise<Response> {
  const { engines, builds } = SIMDNET_EMBEDDED;
  const parts = await inflated(engines);
  let [begin, bytes] = [0, new TextEncoder().encode(Object.keys(KERNELS).join(''))];
  for (const [each, size, length] of builds) {
    bytes = edited(bytes, parts.slice(begin, (begin += length)), size);
    if (each === name) break;
  }
  return new Response(bytes, { headers: { 'content-type': 'application/wasm' } });
}

let workerUrl: string | undefined;

/** A worker that has not been sent anything yet. */
export function createWorker(): Worker {
  // One address for all workers: it costs a few kilobytes once, and revoking it could come before a worker has read it.
  workerUrl ??= URL.createObjectURL(new Blob([SIMDNET_EMBEDDED.worker], { type: 'text/javascript' }));
  return new Worker(workerUrl);
}
