/** Threads that decode pictures. One that a picture ends is started again, and only that picture is lost. */
import { Worker } from 'node:worker_threads';
import type { DecodedFiles } from './decodeFiles.ts';
import type { FitOptions } from './fitPicture.ts';
import type { InputSize } from './networkInput.ts';

export interface DecodeRequest {
  readonly id: number;
  readonly paths: readonly string[];
  readonly size: InputSize;
  readonly options: FitOptions;
}

export interface DecodeReply {
  readonly id: number;
  readonly decoded: DecodedFiles;
}

// Two folders up is the package both from src/data and from dist/data; the built files are in its dist.
const ENTRY = new URL('../../dist/data/decodeThread.js', import.meta.url);

export class DecodingThreads {
  readonly #size: InputSize;
  readonly #options: FitOptions;
  readonly #entry: URL;
  readonly #threads: DecodingThread[];
  /** Files whose thread has ended are tried again one at a time, so that none is blamed for another. */
  #retries: Promise<unknown> = Promise.resolve();
  #ended = false;

  /** @param entry  what the threads run */
  constructor(count: number, size: InputSize, options: FitOptions = {}, entry: URL = ENTRY) {
    this.#size = size;
    this.#options = options;
    this.#entry = entry;
    this.#threads = Array.from({ length: count }, () => new DecodingThread(entry));
  }

  /** Decodes files in the thread that has least to do. */
  async decode(paths: readonly string[]): Promise<DecodedFiles> {
    const thread = this.#threads.reduce((best, each) => (each.waiting < best.waiting ? each : best));
    try {
      return await thread.decode(paths, this.#size, this.#options);
    } catch (error) {
      if (this.#ended) throw error;
      const retried = this.#retries.then(() => this.#oneByOne(paths));
      this.#retries = retried.catch(() => undefined);
      return retried;
    }
  }

  /** Ends the threads, whatever they are at. */
  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all(this.#threads.map((thread) => thread.end()));
  }

  async #oneByOne(paths: readonly string[]): Promise<DecodedFiles> {
    const thread = new DecodingThread(this.#entry);
    const length = this.#size.width * this.#size.height * this.#size.channels;
    const pixels = new Uint8Array(paths.length * length);
    const failures: (string | undefined)[] = [];
    try {
      for (const [i, path] of paths.entries()) {
        if (this.#ended) break;
        try {
          const decoded = await thread.decode([path], this.#size, this.#options);
          pixels.set(decoded.pixels, i * length);
          failures.push(decoded.failures[0]);
        } catch (error) {
          failures.push(`cannot decode ${path}: ${(error as Error).message}`);
        }
      }
    } finally {
      await thread.end();
    }
    return { pixels, failures };
  }
}

interface Pending {
  readonly resolve: (decoded: DecodedFiles) => void;
  readonly reject: (error: Error) => void;
}

/** Started when it is needed, and again when it has ended. */
class DecodingThread {
  readonly #entry: URL;
  #worker: Worker | undefined;
  readonly #pending = new Map<number, Pending>();
  #next = 0;

  constructor(entry: URL) {
    this.#entry = entry;
  }

  /** How many requests it has. */
  get waiting(): number {
    return this.#pending.size;
  }

  /** @throws Error if the thread ends before it is done */
  decode(paths: readonly string[], size: InputSize, options: FitOptions): Promise<DecodedFiles> {
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      this.#pending.set(id, { resolve, reject });
      this.#worker ??= this.#start();
      this.#worker.postMessage({ id, paths, size, options } satisfies DecodeRequest);
    });
  }

  async end(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    // The built files are run as they are, whatever the process was told of sources.
    const worker = new Worker(this.#entry, { execArgv: [] });
    worker.on('message', ({ id, decoded }: DecodeReply) => {
      this.#pending.get(id)?.resolve(decoded);
      this.#pending.delete(id);
    });
    const fail = (error: Error): void => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      const lost = [...this.#pending.values()];
      this.#pending.clear();
      for (const { reject } of lost) reject(error);
    };
    worker.on('error', fail);
    worker.on('messageerror', fail);
    worker.on('exit', (code) => {
      fail(new Error(`its thread ended unexpectedly, exit code ${code}`));
    });
    return worker;
  }
}
