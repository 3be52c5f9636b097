/**
 * What the engine needs of the machine, in a browser: on a page's main thread or in a dedicated worker. node.ts has the
 * same functions. Where the engine's builds and the worker's program come from is up to `#assets`.
 */
import { createWorker, loadAsset, remedy } from '#assets';
import type { Thread, ThreadReply, ThreadSetup } from '../engine/thread.ts';
import { EngineError } from '../errors.ts';

/** What a thread posts: a reply, or why it can do no more. */
export type WorkerReply =
  | { readonly reply: ThreadReply }
  | { readonly failure: string; /** An EngineError. */ readonly known: boolean };

/** Browsers need not be told. */
export function enableRelaxedSimd(): void {
  // Nothing to enable: Relaxed SIMD is there or it is not.
}

/** Browsers cannot be told to. */
export function enableWideVectors(): boolean {
  return false;
}

/**
 * Compiles one build of the engine, while it arrives where it is fetched.
 * @throws EngineError if it cannot be loaded, or the page's Content-Security-Policy forbids WebAssembly
 */
export async function compileEngine(name: string): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compileStreaming(loadAsset(name));
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    throw new EngineError(
      `The engine cannot be compiled: ${messageOf(cause)} If the page has a Content-Security-Policy, its ` +
        `script-src must allow 'wasm-unsafe-eval'.`,
      { cause },
    );
  }
}

/** How many threads can run at once. */
export function cores(): number {
  return navigator.hardwareConcurrency || 1;
}

/** Why threads cannot share memory here; undefined if they can. */
export function whyNotShared(): string | undefined {
  if (!globalThis.crossOriginIsolated) {
    return (
      'the page is not cross-origin isolated: serve it with the headers Cross-Origin-Opener-Policy: same-origin and ' +
      'Cross-Origin-Embedder-Policy: require-corp'
    );
  }
  // WebKitGTK isolates pages and does not give them what isolation is for.
  return 'SharedArrayBuffer' in globalThis ? undefined : 'there is no SharedArrayBuffer';
}

/**
 * Starts one thread of the engine.
 * @param onFailure  is called when it can do no more
 * @throws EngineError if it cannot be started
 */
export function startThread(
  setup: ThreadSetup,
  onReply: (reply: ThreadReply) => void,
  onFailure: (error: Error) => void,
): Thread {
  let worker: Worker | undefined;
  try {
    worker = createWorker();
    worker.postMessage(setup);
  } catch (cause) {
    worker?.terminate();
    throw new EngineError(`The engine's worker cannot be started: ${messageOf(cause)} ${remedy}`, { cause });
  }
  worker.onmessage = ({ data }: MessageEvent<WorkerReply>) => {
    if ('failure' in data) onFailure(data.known ? new EngineError(data.failure) : new Error(data.failure));
    else onReply(data.reply);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    // Without a message, its program was not even loaded.
    const unloaded = `The engine's worker cannot be started. ${remedy}`;
    onFailure(event.message ? new Error(event.message) : new EngineError(unloaded));
  };
  // There was no memory left for what it has sent.
  worker.onmessageerror = () => {
    onFailure(new Error('a reply was lost'));
  };
  return {
    post: (message, transfer = []) => {
      worker.postMessage(message, [...transfer]);
    },
    keepAlive: () => undefined,
    terminate: () => {
      worker.terminate();
      return Promise.resolve();
    },
  };
}

/** As a sentence. */
function messageOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.endsWith('.') ? message : `${message}.`;
}
