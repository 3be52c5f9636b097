/** Threads that decode pictures. One that a picture ends is started again, and only that picture is lost. */
import { Worker } from 'node:worker_threads';
import type { DecodeReply, DecodeRequest } from './decodeFiles.ts';

// Three folders up is the package both from src/data/pictures and from dist/data/pictures; the built files are in its dist.
const ENTRY = new URL('../../../dist/data/pictures/decodeWorker.js', import.meta.url);

export class DecodingThreads {
  readonly #threads: readonly DecodingThread[];
  readonly #free: DecodingThread[];
  /** Who waits for a thread, the longest first. */
  readonly #waiting: ((thread: DecodingThread) => void)[] = [];
  #ended = false;

  /** @param entry  what the threads run */
  constructor(count: number, entry: URL = ENTRY) {
    this.#threads = Array.from({ length: count }, () => new DecodingThread(entry));
    this.#free = [...this.#threads];
  }

  /**
   * Decodes pictures one after the other in the next thread that is free.
   * @returns what became of each, [requests]
   * @throws Error if the threads are ended
   */
  async decode(requests: readonly DecodeRequest[]): Promise<DecodeReply[]> {
    const thread =
      this.#free.pop() ?? (await new Promise<DecodingThread>((resolve) => this.#waiting.push(resolve)));
    try {
      return await this.#decode(thread, requests);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(thread);
      else this.#free.push(thread);
    }
  }

  /** Ends the threads, whatever they are at. */
  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all(this.#threads.map((thread) => thread.end()));
  }

  async #decode(thread: DecodingThread, requests: readonly DecodeRequest[]): Promise<DecodeReply[]> {
    try {
      return await thread.decode(requests);
    } catch (error) {
      if (this.#ended) throw error;
      const [only, ...others] = requests;
      if (others.length === 0)
        return [{ failure: `cannot decode ${only!.path}: ${(error as Error).message}` }];
      // Again one at a time, so that none is blamed for another.
      const replies: DecodeReply[] = [];
      for (const request of requests) replies.push(...(await this.#decode(thread, [request])));
      return replies;
    }
  }
}

interface Pending {
  readonly resolve: (replies: DecodeReply[]) => void;
  readonly reject: (error: Error) => void;
}

/** Started when it is needed, and again when it has ended. It does one thing at a time. */
class DecodingThread {
  readonly #entry: URL;
  #worker: Worker | undefined;
  #pending: Pending | undefined;
  #ended = false;

  constructor(entry: URL) {
    this.#entry = entry;
  }

  /** @throws Error if the thread ends before it is done, or has been ended for good */
  async decode(requests: readonly DecodeRequest[]): Promise<DecodeReply[]> {
    if (this.#ended) throw new Error('the threads that decode pictures have been ended');
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      this.#worker ??= this.#start();
      this.#worker.postMessage(requests);
    });
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#worker?.terminate();
  }

  #start(): Worker {
    // The built files are run as they are, whatever the process was told of sources.
    const worker = new Worker(this.#entry, { execArgv: [] });
    const fail = (error: Error): void => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      void worker.terminate();
      this.#pending?.reject(error);
    };
    worker.on('message', (replies: DecodeReply[]) => this.#pending?.resolve(replies));
    worker.on('error', fail);
    worker.on('messageerror', fail);
    worker.on('exit', (code) => {
      fail(new Error(`its thread ended unexpectedly, exit code ${code}`));
    });
    return worker;
  }
}
