import { OptionError } from '../errors.ts';
import { wholeNumber, type CheckpointCadence } from './options.ts';

/** When the next checkpoint is due. */
export class Cadence {
  readonly #steps: number;
  readonly #milliseconds: number;
  #last = performance.now();

  /** @throws OptionError if it is not above 0 */
  constructor({ steps = Infinity, seconds = Infinity }: CheckpointCadence = {}) {
    if (steps !== Infinity) wholeNumber('checkpointEvery: steps', steps);
    if (!(seconds > 0)) throw new OptionError(`checkpointEvery: seconds must be above 0, not ${seconds}.`);
    this.#steps = steps;
    this.#milliseconds = seconds * 1000;
  }

  /** @param steps  how many have been taken, of all trainings */
  isDue(steps: number): boolean {
    return steps % this.#steps === 0 || performance.now() - this.#last >= this.#milliseconds;
  }

  /** There has been one. */
  restart(): void {
    this.#last = performance.now();
  }
}
