/** Threads that read and decode pictures, one picture each at a time. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { DataError } from '../../errors.ts';
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

  async decode(request: DecodeRequest, signal: AbortSignal | undefined): Promise<DecodeReply> {
    const worker = (this.#worker ??= new Worker(ENTRY));
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        worker.removeAllListeners();
        signal?.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => {
        settle();
        reject(signal!.reason as Error);
      };
      const onFailure = (error: Error): void => {
        settle();
        this.#worker = undefined;
        void worker.terminate();
        resolve({ failure: `${request.path} cannot be decoded: ${error.message}` });
      };
      signal?.addEventListener('abort', onAbort);
      worker.once('message', (reply: DecodeReply) => {
        settle();
        resolve(reply);
      });
      worker.once('messageerror', onFailure);
      worker.once('error', onFailure);
      worker.once('exit', (code) => {
        onFailure(new DataError(`its thread ended unexpectedly, exit code ${code}`));
      });
      worker.postMessage(request);
    });
  }

  async end(): Promise<void> {
    await this.#worker?.terminate();
  }
}
