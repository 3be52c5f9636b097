import { startThread } from '#platform';
import { EngineError } from '../errors.ts';
import type { Thread, ThreadMessage, ThreadReply, ThreadSetup } from './thread.ts';

interface Pending {
  readonly resolve: (reply: ThreadReply) => void;
  readonly reject: (error: Error) => void;
}

/** Threads that are all sent the same messages, and of which the first answers. If one fails, all end. */
export class ThreadGroup {
  readonly #threads: Thread[] = [];
  readonly #pending: Pending[] = [];
  #failure: Error | undefined;

  /** @throws EngineError if a thread cannot be started: then there is none left */
  constructor(setups: readonly ThreadSetup[]) {
    const onReply = (reply: ThreadReply): void => {
      this.#pending.shift()?.resolve(reply);
      if (this.#pending.length === 0) this.#keepAlive(false);
    };
    const onFailure = (error: Error): void => {
      this.#fail(error);
    };
    try {
      for (const setup of setups) this.#threads.push(startThread(setup, onReply, onFailure));
    } catch (error) {
      this.#fail(error as Error);
      throw error;
    }
  }

  /** Why the threads have been ended, if they have. */
  get failure(): Error | undefined {
    return this.#failure;
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
        : new EngineError(
            `The engine failed (${error.message}). The model keeps the weights of its last complete epoch, and can be used ` +
              'and trained again.',
            { cause: error },
          );
    for (const { reject } of this.#pending.splice(0)) reject(this.#failure);
    for (const thread of this.#threads) void thread.terminate();
  }
}
