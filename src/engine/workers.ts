import { startWorker } from '#platform';
import { EngineError } from '../errors.ts';
import type { TeamMessage, TeamReply, TeamWorker, WorkerSetup } from './worker.ts';

interface Pending {
  readonly resolve: (reply: TeamReply) => void;
  readonly reject: (error: Error) => void;
}

/** Threads that are all sent the same messages, and of which the first answers. If one fails, all end. */
export class Workers {
  readonly #workers: readonly TeamWorker[];
  readonly #pending: Pending[] = [];
  #failure: Error | undefined;

  constructor(setups: readonly WorkerSetup[]) {
    this.#workers = setups.map((setup) => startWorker(setup));
    for (const worker of this.#workers) {
      worker.onFailure((error) => {
        this.#fail(error);
      });
    }
    this.#workers[0]!.onMessage((reply) => {
      this.#pending.shift()?.resolve(reply);
      if (this.#pending.length === 0) this.#keepAlive(false);
    });
  }

  /** Sends a message that has no answer. */
  post(message: TeamMessage, transfer?: readonly ArrayBuffer[]): void {
    for (const worker of this.#workers) worker.post(message, transfer);
  }

  /** Sends a message, and waits for its answer. @throws EngineError if a thread fails, or they have been ended */
  ask(message: TeamMessage): Promise<TeamReply> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      if (this.#pending.push({ resolve, reject }) === 1) this.#keepAlive(true);
      this.post(message);
    });
  }

  async dispose(): Promise<void> {
    this.#fail(new EngineError('The model has been disposed of.'));
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #keepAlive(alive: boolean): void {
    this.#workers[0]!.keepAlive(alive);
  }

  /** One thread that fails leaves the others waiting for it: end them all, and all that was asked for. */
  #fail(error: Error): void {
    if (this.#failure) return;
    this.#failure =
      error instanceof EngineError
        ? error
        : new EngineError(`The engine failed: ${error.message}`, { cause: error });
    for (const { reject } of this.#pending.splice(0)) reject(this.#failure);
    for (const worker of this.#workers) void worker.terminate();
  }
}
