import { dirname } from 'node:path';
import { makeFolderOf } from '../../../files/makeFolderOf.ts';
import { flag, numberIn, refuseUnknown } from '../../../nn/layers/options.ts';
import type { Callbacks, CallbackState } from '../../callbacks.ts';
import type { EpochLogs } from '../../history.ts';
import type { Model } from '../../model.ts';
import { saveModel } from '../../modelOnDisk.ts';
import { keptNumber, Monitor, MONITOR, type MonitorOptions } from '../monitor.ts';
import { checkPattern, filled } from './filePattern.ts';
import { mustBePath } from './logFile.ts';

export interface ModelCheckpointOptions extends MonitorOptions {
  /** The file; may have the epoch, counted from 1, and metrics in it: `model-{epoch:02d}-{val_loss:.2f}.safetensors`. */
  filepath: string;
  /** Whether to save only when the metric is better than it ever was; false by default. */
  saveBestOnly?: boolean;
  /** The value that the first to be saved must be better than; null by default. */
  initialValueThreshold?: number | null;
}

export const MODEL_CHECKPOINT = {
  ...MONITOR,
  saveBestOnly: false,
  initialValueThreshold: null,
} as const satisfies Partial<ModelCheckpointOptions>;

const NAME = 'modelCheckpoint';

type Settings = Required<ModelCheckpointOptions>;

/** As Keras' `ModelCheckpoint`; epochs are counted from 0. */
export class ModelCheckpoint implements Callbacks {
  readonly name = NAME;
  /** The epoch after which it last saved. */
  savedEpoch: number | null = null;
  readonly #options: Settings;
  readonly #monitor: Monitor;
  #model!: Model;

  /** @throws OptionError */
  constructor(given: ModelCheckpointOptions) {
    refuseUnknown(NAME, given, ['filepath', ...Object.keys(MODEL_CHECKPOINT)]);
    const options: Settings = { ...MODEL_CHECKPOINT, ...given };
    this.#options = options;
    mustBePath(NAME, 'filepath', options.filepath);
    this.#monitor = new Monitor(NAME, options);
    flag(NAME, 'saveBestOnly', options.saveBestOnly);
    const { initialValueThreshold } = options;
    if (initialValueThreshold !== null) {
      this.#monitor.best = numberIn(NAME, 'initialValueThreshold', initialValueThreshold);
    }
  }

  /** The best value until now, if only the best are saved. */
  get best(): number | null {
    return this.#monitor.best;
  }

  setModel(model: Model): void {
    this.#model = model;
  }

  /**
   * The best value stays from one training to the next, as in Keras.
   * @throws OptionError if what it watches, or what is in the file's name, will not be in the logs; SimdnetError if the folder
   *   cannot be created
   */
  async onTrainBegin(metrics: readonly string[]): Promise<void> {
    const { filepath, saveBestOnly } = this.#options;
    if (saveBestOnly) this.#monitor.mustBeAmong(metrics);
    checkPattern(NAME, filepath, metrics);
    const folder = dirname(filepath);
    if (!folder.includes('{')) await makeFolderOf(filepath);
  }

  /** @throws SimdnetError if the file cannot be written */
  async onEpochEnd(epoch: number, logs: EpochLogs): Promise<void> {
    const { filepath, saveBestOnly, verbose, monitor: metric } = this.#options;
    const monitor = this.#monitor;
    const value = saveBestOnly ? monitor.valueIn(logs) : null;
    if (value !== null && !monitor.improves(value)) return;
    const path = filled(NAME, filepath, epoch, logs);
    await makeFolderOf(path);
    await saveModel(this.#model, path);
    // What could not be saved is not the best that there is.
    if (value !== null) monitor.best = value;
    this.savedEpoch = epoch;
    if (!verbose) return;
    const why = saveBestOnly ? `${metric} is ${monitor.best!.toFixed(5)}, the best so far; ` : '';
    console.log(`Epoch ${epoch + 1}: ${why}saved the model to ${path}`);
  }

  getState(): CallbackState {
    return { values: { best: this.#monitor.best, savedEpoch: this.savedEpoch } };
  }

  /** @throws FormatError */
  setState(state: CallbackState): void {
    this.#monitor.best = keptNumber(state, 'best');
    this.savedEpoch = keptNumber(state, 'savedEpoch');
  }
}

/** Saves the model after epochs: after all, or after those that were the best so far. @throws OptionError */
export function modelCheckpoint(options: ModelCheckpointOptions): ModelCheckpoint {
  return new ModelCheckpoint(options);
}
