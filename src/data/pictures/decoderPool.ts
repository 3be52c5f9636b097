/** Threads that read and decode pictures, one picture each at a time. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Geometry } from './pixels.ts';

export interface DecodeRequest {
  readonly path: string;
  /** With it, the pixels are brought to that size and handed over. */
  readonly geometry?: Geometry;
  /** Whether to tell equal files and equal pictures by. */
  readonly hashes?: boolean;
}

export interface DecodedPicture {
  readonly width: number;
  readonly height: number;
  readonly format: string;
  /** [geometry.height, geometry.width, 3] */
  readonly pixels?: Uint8Array<ArrayBuffer>;
  /** Of the bytes of the file, and of its pixels and their number. */
  readonly hashes?: { readonly file: string; readonly pixels: string };
}

/** Why a picture is none, for people. */
export interface UnreadablePicture {
  readonly failure: string;
  /** Whether it has ended the thread. */
  readonly ended?: true;
}

export type DecodeReply = { readonly decoded: DecodedPicture } | UnreadablePicture;

export interface DecodeWatch {
  /** Called as pictures are decoded. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Ends it with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

// Three folders up is the package both from src/data/pictures and from dist/data/pictures; the built files are in its dist.
const ENTRY = new URL('../../../dist/data/pictures/decodeWorker.js', import.meta.url);

/**
 * Decodes pictures in as many threads as there are cores.
 * @param done  is given each of them, in any order, and may take its time: no more is decoded meanwhile than threads have in hand
 * @throws the signal's reason; what `done` throws
 */
export async function decodeAll(
  requests: readonly DecodeRequest[],
  done: (reply: DecodeReply, index: number) => void | Promise<void>,
  { onProgress, signal }: DecodeWatch = {},
): Promise<void> {
  let next = 0;
  let finished = 0;
  let failed = false;
  const work = async (): Promise<void> => {
    const thread = new DecodingThread();
    try {
      while (next < requests.length && !failed) {
        signal?.throwIfAborted();
        const index = next++;
        await done(await thread.decode(requests[index]!, signal), index);
        onProgress?.(++finished, requests.length);
      }
    } catch (error) {
      failed = true;
      throw error;
    } finally {
      await thread.end();
    }
  };
  const threads = Math.min(availableParallelism(), requests.length);
  const results = await Promise.allSettled(Array.from({ length: threads }, work));
  const failure = results.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
}

/** A thread that is started when it is needed, and again after a picture that has ended it. */
class DecodingThread {
  #worker: Worker | undefined;
  #answer: ((reply: DecodeReply) => void) | undefined;

  /** @throws the signal's reason: then it is of no more use */
  async decode(request: DecodeRequest, signal: AbortSignal | undefined): Promise<DecodeReply> {
    const worker = (this.#worker ??= this.#start());
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#answer = undefined;
        reject(signal!.reason as Error);
      };
      signal?.addEventListener('abort', onAbort);
      this.#answer = (reply) => {
        signal?.removeEventListener('abort', onAbort);
        this.#answer = undefined;
        const { path } = request;
        // What ended the thread does not know which picture it was.
        resolve('ended' in reply ? { failure: `${path} cannot be decoded: ${reply.failure}` } : reply);
      };
      worker.postMessage(request);
    });
  }

  async end(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    // The built files are run as they are, whatever the process was told of sources.
    const worker = new Worker(ENTRY, { execArgv: [] });
    const onFailure = (error: Error): void => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      void worker.terminate();
      this.#answer?.({ failure: error.message, ended: true });
    };
    worker.on('message', (reply: DecodeReply) => {
      this.#answer?.(reply);
    });
    worker.on('messageerror', onFailure);
    worker.on('error', onFailure);
    worker.on('exit', (code) => {
      onFailure(new Error(`its thread ended unexpectedly, exit code ${code}`));
    });
    return worker;
  }
}
