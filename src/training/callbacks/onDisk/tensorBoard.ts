import { hostname } from 'node:os';
import { join } from 'node:path';
import { FormatError } from '../../../errors.ts';
import { GrowingFile } from '../../../files/growingFile.ts';
import { makeFolderOf } from '../../../files/makeFolderOf.ts';
import { firstEvent, scalarsEvent } from '../../../formats/eventFile.ts';
import { refuseUnknown } from '../../../nn/layers/options.ts';
import { quoted } from '../../../quoted.ts';
import type { Callbacks, CallbackState } from '../../callbacks.ts';
import type { EpochLogs } from '../../history.ts';
import type { Model } from '../../model.ts';
import { keptNumber } from '../monitor.ts';
import { mustBePath } from './logFile.ts';

export interface TensorBoardOptions {
  /** The folder, with a folder in it for training and one for validation; "logs" by default. */
  logDir?: string;
}

export const TENSOR_BOARD = { logDir: 'logs' } as const satisfies Required<TensorBoardOptions>;

const NAME = 'tensorBoard';
const VALIDATION = 'val_';

/** How many event files this process has named: two of the same second must not have the same name. */
let named = 0;

/** As Keras' `TensorBoard`, but for numbers of epochs only. */
class TensorBoard implements Callbacks {
  readonly name = NAME;
  readonly #folder: string;
  #fileName = '';
  #train!: GrowingFile;
  #validation!: GrowingFile;
  #model!: Model;

  constructor(folder: string) {
    this.#folder = mustBePath(NAME, 'logDir', folder);
  }

  setModel(model: Model): void {
    this.#model = model;
  }

  /** @throws SimdnetError if the folder cannot be created */
  async onTrainBegin(): Promise<void> {
    const seconds = String(Math.floor(Date.now() / 1000)).padStart(10, '0');
    this.#name(`events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${named++}.v2`);
    await makeFolderOf(this.#train.path);
  }

  async onEpochEnd(epoch: number, logs: EpochLogs): Promise<void> {
    const train: Record<string, number> = {};
    const validation: Record<string, number> = {};
    for (const [metric, value] of Object.entries(logs)) {
      if (metric.startsWith(VALIDATION)) validation[`epoch_${metric.slice(VALIDATION.length)}`] = value;
      else train[`epoch_${metric}`] = value;
    }
    train.epoch_learning_rate = this.#model.learningRate;
    const now = Date.now() / 1000;
    await this.#train.add(scalarsEvent(now, epoch, train), firstEvent(now));
    if (Object.keys(validation).length === 0) return;
    await this.#validation.add(scalarsEvent(now, epoch, validation), firstEvent(now));
  }

  getState(): CallbackState {
    const values = { file: this.#fileName, train: this.#train.bytes, validation: this.#validation.bytes };
    return { values };
  }

  /** @throws FormatError */
  setState(state: CallbackState): void {
    const { file } = state.values;
    if (typeof file !== 'string' || !/^events\.[^/\\]+$/.test(file)) {
      throw new FormatError(
        `The state of a callback has ${quoted(file)} as file, which must be the name of an event file.`,
      );
    }
    this.#name(file);
    this.#train.continueAt(keptNumber(state, 'train') ?? 0);
    this.#validation.continueAt(keptNumber(state, 'validation') ?? 0);
  }

  #name(file: string): void {
    this.#fileName = file;
    // The folders are runs to TensorBoard; Keras calls them so.
    this.#train = new GrowingFile(join(this.#folder, 'train', file));
    this.#validation = new GrowingFile(join(this.#folder, 'validation', file));
  }
}

/** Writes event files, which TensorBoard reads, epoch by epoch. @throws OptionError */
export function tensorBoard(given: TensorBoardOptions = {}): Callbacks {
  refuseUnknown(NAME, given, Object.keys(TENSOR_BOARD));
  return new TensorBoard({ ...TENSOR_BOARD, ...given }.logDir);
}
