/** What the engine needs of the machine, in Node. A browser has the same functions in a module of its own. */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Thread, ThreadReply, ThreadSetup } from '../engine/thread.ts';
import { EngineError } from '../errors.ts';

// Two folders up is the package both from src/platform and from dist/platform; the built files are in its dist.
const built = new URL('../../dist/', import.meta.url);

/** Lets V8 compile Relaxed SIMD where a flag is still in the way. Must run before the first module is compiled. */
export function enableRelaxedSimd(): void {
  // On by default since Node 21; Node 24 no longer knows the flag.
  if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd');
}

/**
 * Lets V8 turn pairs of vectors into AVX2 registers, in this whole process. Must run before the module is compiled.
 * @returns whether this version of V8 can; one without AVX2 in its processor only becomes slower
 */
export function enableWideVectors(): boolean {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major < 24 || process.arch !== 'x64') return false;
  setFlagsFromString('--experimental-wasm-revectorize');
  return true;
}

/**
 * Compiles one build of the engine.
 * @throws EngineError if the package has not been built or is damaged
 */
export async function compileEngine(name: string): Promise<WebAssembly.Module> {
  const url = new URL(`wasm/${name}.wasm`, built);
  try {
    return await WebAssembly.compile(await readFile(url));
  } catch (cause) {
    throw new EngineError(
      `The engine ${fileURLToPath(url)} cannot be read: build it with "npm run build", or reinstall simdnet.`,
      {
        cause,
      },
    );
  }
}

/** How many threads can run at once. */
export function cores(): number {
  return availableParallelism();
}

/** Why threads cannot share memory here; undefined if they can. */
export function whyNotShared(): string | undefined {
  return undefined;
}

/**
 * Starts one thread of the engine. It keeps the process alive only while it is told to.
 * @param onFailure  is called when it can do no more
 * @throws EngineError if it cannot be started
 */
export function startThread(
  setup: ThreadSetup,
  onReply: (reply: ThreadReply) => void,
  onFailure: (error: Error) => void,
): Thread {
  let worker: Worker;
  try {
    worker = new Worker(new URL('platform/nodeWorker.js', built), { workerData: setup });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EngineError(
      `The engine's thread ${setup.thread + 1} of ${setup.threads} cannot be started (${reason}): use fewer.`,
      {
        cause,
      },
    );
  }
  worker.on('message', onReply);
  worker.on('messageerror', onFailure);
  worker.on('error', onFailure);
  worker.on('exit', (code) => {
    onFailure(new Error(`a thread ended unexpectedly, exit code ${code}`));
  });
  worker.unref();
  let wanted = false;
  // What is said before it runs does not last.
  worker.once('online', () => {
    if (!wanted) worker.unref();
  });
  return {
    post: (message, transfer) => {
      worker.postMessage(message, transfer);
    },
    keepAlive: (alive) => {
      wanted = alive;
      if (alive) worker.ref();
      else worker.unref();
    },
    terminate: async () => {
      await worker.terminate();
    },
  };
}
