/** Writing as training goes on: a disk that is full must not cost what has been learnt. */
import type { Callbacks } from '../../training/callbacks.ts';
import { SimdnetError, TrainingError } from '../../errors.ts';

export class Saving {
  readonly #warn: (text: string) => void;
  #warned = false;
  /** What is being written. */
  #writing: Promise<void> = Promise.resolve();

  /** @param warn  is told, once, that something could not be written */
  constructor(warn: (text: string) => void) {
    this.#warn = warn;
  }

  /** Writes something and waits for it. If it cannot be written, the training goes on all the same. */
  async now(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (!(error instanceof SimdnetError) || error instanceof TrainingError) throw error;
      if (!this.#warned)
        this.#warn(`${error.message}. The training goes on; what was saved before is still there.`);
      this.#warned = true;
    }
  }

  /** The same without waiting for it, but for what was to be written before. */
  async inBackground<T>(what: T, write: (what: T) => Promise<void>): Promise<void> {
    await this.#writing;
    this.#writing = this.now(() => write(what));
    // Whoever waits for it next is told.
    this.#writing.catch(() => undefined);
  }

  /** A callback that writes: what it cannot write after an epoch does not end the training. */
  tolerant(callback: Callbacks): Callbacks {
    const { name } = callback;
    return {
      ...(name !== undefined && { name }),
      ...(callback.getState && { getState: () => callback.getState!() }),
      ...(callback.setState && {
        setState: (state) => {
          callback.setState!(state);
        },
      }),
      setModel: (model) => callback.setModel?.(model),
      onTrainBegin: (metrics) => callback.onTrainBegin?.(metrics),
      onEpochBegin: (epoch) => callback.onEpochBegin?.(epoch),
      onEpochEnd: (epoch, logs) => this.now(async () => callback.onEpochEnd?.(epoch, logs)),
      onTrainEnd: (history) => this.now(async () => callback.onTrainEnd?.(history)),
    };
  }

  /** When all has been written. */
  settled(): Promise<void> {
    return this.#writing;
  }
}
