/** The engine's builds and the worker's program as parts of the bundle: src/bundle/embed.mjs puts them in. */

interface Embedded {
  /** The builds one after the other, deflated, in base64. */
  readonly engines: string;
  /** The size of each build in bytes, in their order. */
  readonly sizes: Readonly<Record<string, number>>;
  readonly worker: string;
}

/** Replaced by the bundler. */
declare const SIMDNET_EMBEDDED: Embedded;

/** What to do when the worker does not start, for messages. */
export const remedy =
  "If the page has a Content-Security-Policy, its worker-src must allow blob:, or import 'simdnet/streaming' instead.";

/** One build of the engine. */
export async function loadAsset(name: string): Promise<Response> {
  const { engines, sizes } = SIMDNET_EMBEDDED;
  const deflated = Uint8Array.from(atob(engines), (character) => character.charCodeAt(0));
  const stream = new Blob([deflated]).stream().pipeThrough(new DecompressionStream('deflate'));
  const all = await new Response(stream).arrayBuffer();
  let begin = 0;
  for (const [other, size] of Object.entries(sizes)) {
    if (other === name) break;
    begin += size;
  }
  const bytes = all.slice(begin, begin + sizes[name]!);
  return new Response(bytes, { headers: { 'content-type': 'application/wasm' } });
}

let workerUrl: string | undefined;

/** A worker that has not been sent anything yet. */
export function createWorker(): Worker {
  // One address for all workers: it costs a few kilobytes once, and revoking it could come before a worker has read it.
  workerUrl ??= URL.createObjectURL(new Blob([SIMDNET_EMBEDDED.worker], { type: 'text/javascript' }));
  return new Worker(workerUrl);
}
