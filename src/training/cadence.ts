import { OptionError } from '../errors.ts';
import { isObject } from '../isObject.ts';
import { refuseUnknown } from '../nn/layers/options.ts';
import { quoted } from '../quoted.ts';
import { wholeNumber, type CheckpointCadence } from './options.ts';

/** When the next checkpoint is due. */
export class Cadence {
  readonly #steps: number;
  readonly #milliseconds: number;
  #last = performance.now();

  /** @throws OptionError if it is not above 0 */
  constructor(every: CheckpointCadence = {}) {
    const given: unknown = every;
    if (!isObject(given))
      throw new OptionError(`checkpointEvery must be { steps } or { seconds }, not ${quoted(given)}.`);
    refuseUnknown('checkpointEvery', every, ['steps', 'seconds']);
    const { steps = Infinity, seconds = Infinity } = every;
    if (steps !== Infinity) wholeNumber('checkpointEvery: steps', steps);
    if (!(seconds > 0))
      throw new OptionError(`checkpointEvery: seconds must be a number above 0, not ${quoted(seconds)}.`);
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
