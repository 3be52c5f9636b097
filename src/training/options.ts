/** The options of a model and of its methods, as Keras and tfjs have them. */
import type { Tier } from '../engine/tier.ts';
import { OptionError } from '../errors.ts';
import type { ConvolutionChoice } from '../nn/layers/convolutionAlgorithm.ts';
import type { AdamConfig } from '../nn/optimizers/adam.ts';
import type { SgdConfig } from '../nn/optimizers/sgd.ts';
import type { ImageData, LabelData, Loss } from './examples.ts';
import type { BatchLogs, Callbacks } from './fit.ts';

export interface SequentialOptions {
  /** Of the initial weights and of the shuffling; 0 by default. */
  seed?: number;
  /** The build of the engine; `auto`, the fastest that works here, by default. */
  tier?: Tier | 'auto';
  /** The algorithm of the convolutions; `auto`, the fastest for each, by default. Results differ by rounding. */
  convolution?: ConvolutionChoice;
  /** How many threads to train and evaluate in; all cores by default. */
  threads?: number;
  /** The names of the classes, which are saved with the model. */
  classNames?: readonly string[];
}

export interface CompileOptions {
  /** 'adam' or 'sgd', or adam({ learningRate, … }) or sgd({ … }). */
  optimizer: 'adam' | 'sgd' | AdamConfig | SgdConfig;
  loss: Loss;
  /** What to report besides the loss. */
  metrics?: readonly 'accuracy'[];
}

export interface FitOptions {
  /** 1 by default. */
  epochs?: number;
  /** 32 by default, as in Keras. */
  batchSize?: number;
  /** The share of the examples, from the end and before any shuffling, that is held out for validation; 0 by default. */
  validationSplit?: number;
  /** Examples to validate with instead; validationSplit then counts for nothing. */
  validationData?: readonly [x: ImageData, y: LabelData];
  /** Whether to shuffle the examples before every epoch; true by default. */
  shuffle?: boolean;
  callbacks?: Callbacks;
  /** Ends the training after the steps that are under way; fit then returns what it has. */
  signal?: AbortSignal;
}

export interface EvaluateOptions {
  /** 32 by default. */
  batchSize?: number;
  onBatchEnd?: (batch: number, logs: BatchLogs) => void;
}

export interface Evaluation {
  /** The mean loss. */
  readonly loss: number;
  readonly accuracy: number;
  /** How many images there were. */
  readonly count: number;
}

/** Where the model runs. */
export interface EngineInfo {
  readonly tier: Tier;
  readonly threads: number;
  /** The engine's memory in bytes. */
  readonly arenaBytes: number;
}

/** @throws OptionError if it is not a whole number of at least 1 */
export function wholeNumber(option: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new OptionError(`${option} must be a whole number of at least 1, not ${value}.`);
  }
}

/** @throws OptionError if it is none of those allowed */
export function oneOf(option: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) {
    throw new OptionError(
      `The ${option} must be ${allowed.slice(0, -1).join(', ')} or ${allowed.at(-1)!}, not ${value}.`,
    );
  }
}
