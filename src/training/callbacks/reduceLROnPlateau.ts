import { OptionError } from '../../errors.ts';
import { numberIn, refuseUnknown, whole } from '../../nn/layers/options.ts';
import type { Callbacks, CallbackState } from '../callbacks.ts';
import type { EpochLogs } from '../history.ts';
import type { Model } from '../model.ts';
import { keptNumber, Monitor, MONITOR, type MonitorOptions } from './monitor.ts';

export interface ReduceLROnPlateauOptions extends MonitorOptions {
  /** What the learning rate is multiplied by, above 0 and below 1; 0.1 by default. */
  factor?: number;
  /** How many epochs without an improvement have it reduced; 10 by default. */
  patience?: number;
  /** An improvement must be larger than this; 0.0001 by default. */
  minDelta?: number;
  /** How many epochs are not counted after a reduction; 0 by default. */
  cooldown?: number;
  /** The least that the learning rate may become; 0 by default. */
  minLR?: number;
}

export const REDUCE_LR_ON_PLATEAU = {
  ...MONITOR,
  factor: 0.1,
  patience: 10,
  minDelta: 1e-4,
  cooldown: 0,
  minLR: 0,
} as const satisfies Required<ReduceLROnPlateauOptions>;

const NAME = 'reduceLROnPlateau';

/** As Keras' `ReduceLROnPlateau`. */
class ReduceLROnPlateau implements Callbacks {
  readonly name = NAME;
  readonly #options: Required<ReduceLROnPlateauOptions>;
  readonly #monitor: Monitor;
  #wait = 0;
  #cooldown = 0;
  #model!: Model;

  constructor(given: ReduceLROnPlateauOptions) {
    refuseUnknown(NAME, given, Object.keys(REDUCE_LR_ON_PLATEAU));
    const options: Required<ReduceLROnPlateauOptions> = { ...REDUCE_LR_ON_PLATEAU, ...given };
    this.#options = options;
    this.#monitor = new Monitor(NAME, options);
    if (!(numberIn(NAME, 'factor', options.factor, 0, 1) > 0)) {
      throw new OptionError(`${NAME}: factor must be above 0.`);
    }
    whole(NAME, 'patience', options.patience, 0);
    whole(NAME, 'cooldown', options.cooldown, 0);
    numberIn(NAME, 'minLR', options.minLR, 0);
  }

  /** @throws OptionError if the learning rate follows a schedule */
  setModel(model: Model): void {
    this.#model = model;
    if (model.followsSchedule) {
      throw new OptionError(
        `${NAME}: the learning rate follows a schedule already; compile the model with a number.`,
      );
    }
  }

  /** @throws OptionError if what it watches will not be in the logs */
  onTrainBegin(metrics: readonly string[]): void {
    this.#monitor.mustBeAmong(metrics);
    this.#monitor.best = null;
    this.#wait = this.#cooldown = 0;
  }

  onEpochEnd(epoch: number, logs: EpochLogs): void {
    const monitor = this.#monitor;
    const value = monitor.valueIn(logs);
    if (this.#cooldown > 0) this.#cooldown--;
    if (monitor.improves(value)) {
      monitor.best = value;
      this.#wait = 0;
    } else if (this.#cooldown === 0 && ++this.#wait >= this.#options.patience) this.#reduce(epoch);
  }

  #reduce(epoch: number): void {
    const { factor, minLR, cooldown, verbose } = this.#options;
    const rate = this.#model.learningRate;
    if (rate <= minLR) return;
    this.#model.learningRate = Math.max(rate * factor, minLR);
    this.#cooldown = cooldown;
    this.#wait = 0;
    if (verbose)
      console.log(`Epoch ${epoch + 1}: ${NAME} sets the learning rate to ${this.#model.learningRate}`);
  }

  getState(): CallbackState {
    return { values: { best: this.#monitor.best, wait: this.#wait, cooldown: this.#cooldown } };
  }

  /** @throws FormatError */
  setState(state: CallbackState): void {
    this.#monitor.best = keptNumber(state, 'best');
    this.#wait = keptNumber(state, 'wait') ?? 0;
    this.#cooldown = keptNumber(state, 'cooldown') ?? 0;
  }
}

/** Makes the learning rate smaller when a metric no longer improves. @throws OptionError */
export function reduceLROnPlateau(options: ReduceLROnPlateauOptions = {}): Callbacks {
  return new ReduceLROnPlateau(options);
}
