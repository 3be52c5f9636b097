import { flag, numberIn, refuseUnknown, whole } from '../../nn/layers/options.ts';
import type { Tensor } from '../../nn/parameters.ts';
import type { Callbacks, CallbackState } from '../callbacks.ts';
import type { EpochLogs, History } from '../history.ts';
import type { Model } from '../model.ts';
import { keptNumber, Monitor, MONITOR, type MonitorOptions } from './monitor.ts';

export interface EarlyStoppingOptions extends MonitorOptions {
  /** An improvement must be larger than this; 0 by default. */
  minDelta?: number;
  /** How many epochs without an improvement end the training; 0 by default, which is as good as 1. */
  patience?: number;
  /** A value that must be improved upon too for the waiting to begin anew; null by default. */
  baseline?: number | null;
  /** Whether the model has the weights of the best epoch in the end; false by default. */
  restoreBestWeights?: boolean;
  /** The first epoch, counted from 0, that is watched; 0 by default. */
  startFromEpoch?: number;
}

export const EARLY_STOPPING = {
  ...MONITOR,
  minDelta: 0,
  patience: 0,
  baseline: null,
  restoreBestWeights: false,
  startFromEpoch: 0,
} as const satisfies Required<EarlyStoppingOptions>;

const NAME = 'earlyStopping';

/** As Keras' `EarlyStopping`; epochs are counted from 0. */
export class EarlyStopping implements Callbacks {
  readonly name = NAME;
  /** The epoch with the best value. */
  bestEpoch: number | null = null;
  /** The epoch after which it ended the training. */
  stoppedEpoch: number | null = null;
  readonly #options: Required<EarlyStoppingOptions>;
  readonly #monitor: Monitor;
  #wait = 0;
  #weights: ReadonlyMap<string, Tensor> | undefined;
  #model!: Model;

  /** @throws OptionError */
  constructor(given: EarlyStoppingOptions = {}) {
    refuseUnknown(NAME, given, Object.keys(EARLY_STOPPING));
    const options: Required<EarlyStoppingOptions> = { ...EARLY_STOPPING, ...given };
    this.#options = options;
    this.#monitor = new Monitor(NAME, options);
    whole(NAME, 'patience', options.patience, 0);
    whole(NAME, 'startFromEpoch', options.startFromEpoch, 0);
    flag(NAME, 'restoreBestWeights', options.restoreBestWeights);
    if (options.baseline !== null) numberIn(NAME, 'baseline', options.baseline);
  }

  setModel(model: Model): void {
    this.#model = model;
  }

  /** @throws OptionError if what it watches will not be in the logs */
  onTrainBegin(metrics: readonly string[]): void {
    this.#monitor.mustBeAmong(metrics);
    this.#monitor.best = this.bestEpoch = this.stoppedEpoch = null;
    this.#wait = 0;
    this.#weights = undefined;
  }

  onEpochEnd(epoch: number, logs: EpochLogs): void {
    const { patience, baseline, restoreBestWeights, startFromEpoch } = this.#options;
    if (epoch < startFromEpoch) return;
    const monitor = this.#monitor;
    const value = monitor.valueIn(logs);
    this.#wait++;
    if (monitor.improves(value)) {
      monitor.best = value;
      this.bestEpoch = epoch;
      if (restoreBestWeights) this.#weights = this.#model.getWeights();
      if (baseline === null || monitor.improves(value, baseline)) this.#wait = 0;
    } else if (this.#wait >= patience) {
      this.stoppedEpoch = epoch;
      this.#model.stopTraining = true;
    }
  }

  onTrainEnd({ stopped }: History): void {
    const { verbose } = this.#options;
    if (verbose && this.stoppedEpoch !== null) console.log(`Epoch ${this.stoppedEpoch + 1}: early stopping`);
    // A training that was interrupted may go on from where it is.
    const interrupted = stopped && !this.#model.stopTraining;
    if (!this.#weights || interrupted) return;
    if (verbose) console.log(`Restoring the weights of the best epoch: ${this.bestEpoch! + 1}`);
    this.#model.setWeights(this.#weights);
  }

  getState(): CallbackState {
    const { bestEpoch, stoppedEpoch } = this;
    return {
      values: { best: this.#monitor.best, bestEpoch, stoppedEpoch, wait: this.#wait },
      ...(this.#weights && { tensors: this.#weights }),
    };
  }

  /** @throws FormatError */
  setState(state: CallbackState): void {
    this.#monitor.best = keptNumber(state, 'best');
    this.bestEpoch = keptNumber(state, 'bestEpoch');
    this.stoppedEpoch = keptNumber(state, 'stoppedEpoch');
    this.#wait = keptNumber(state, 'wait') ?? 0;
    this.#weights = state.tensors;
    if (this.stoppedEpoch !== null) this.#model.stopTraining = true;
  }
}

/** Ends the training when a metric no longer improves. @throws OptionError */
export function earlyStopping(options: EarlyStoppingOptions = {}): EarlyStopping {
  return new EarlyStopping(options);
}
