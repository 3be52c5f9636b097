import { startThread } from '#platform';
import { EngineError } from '../errors.ts';
import type { Thread, ThreadMessage, ThreadReply, ThreadSetup } from './thread.ts';

interface Pending {
  readonly resolve: (reply: ThreadReply) => void;
  readonly reject: (error: Error) => void;
}

/** Threads that are all sent the same messages, and of which the first answers. If one fails, all end. */
export class ThreadGroup {
  readonly #threads: readonly Thread[];
  readonly #pending: Pending[] = [];
  #failure: Error | undefined;

  constructor(setups: readonly ThreadSetup[]) {
    this.#threads = setups.map((setup) => startThread(setup));
    for (const thread of this.#threads) {
      thread.onFailure((error) => {
        this.#fail(error);
      });
    }
    this.#threads[0]!.onMessage((reply) => {
      this.#pending.shift()?.resolve(reply);
      if (this.#pending.length === 0) this.#keepAlive(false);
    });
  }

  /** Sends a message that has no answer. */
  post(message: ThreadMessage, transfer?: readonly ArrayBuffer[]): void {
    for (const thread of this.#threads) thread.post(message, transfer);
  }

  /** Sends a message, and waits for its answer. @throws EngineError if a thread fails, or they have been ended */
  ask(message: ThreadMessage): Promise<ThreadReply> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      if (this.#pending.push({ resolve, reject }) === 1) this.#keepAlive(true);
      this.post(message);
    });
  }

  async dispose(): Promise<void> {
    this.#fail(new EngineError('The model has been disposed of.'));
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }

  #keepAlive(alive: boolean): void {
    this.#threads[0]!.keepAlive(alive);
  }

  /** One thread that fails leaves the others waiting for it: end them all, and all that was asked for. */
  #fail(error: Error): void {
    if (this.#failure) return;
    this.#failure =
      error instanceof EngineError
        ? error
        : new EngineError(`The engine failed: ${error.message}`, { cause: error });
    for (const { reject } of this.#pending.splice(0)) reject(this.#failure);
    for (const thread of this.#threads) void thread.terminate();
  }
}
