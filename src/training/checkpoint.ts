/** All that a training needs to go on to the same bits, taken from a model and given back to one. */
import type { Fit } from '../data/fitPicture.ts';
import { FormatError, OptionError } from '../errors.ts';
import type { Tensor } from '../nn/parameters.ts';
import type { CallbackState } from './callbacks.ts';
import { mustBeSameData, type DataIdentity } from './dataIdentity.ts';
import type { CompiledOptions } from './objectives.ts';
import { beginning, type Position } from './position.ts';

/** In what order examples are trained on. */
export interface BatchOrder {
  readonly batchSize: number;
  readonly shuffle: boolean;
  /** 0 for all that there are. */
  readonly stepsPerEpoch: number;
  readonly dropRemainder: boolean;
  readonly validationSplit: number;
}

/** Where a training stands, and what it goes through. */
export interface TrainingState {
  readonly position: Position;
  /** How many epochs other trainings took before epoch 0 of this one. */
  readonly epochsBefore: number;
  readonly order: BatchOrder;
  /** How it learns, as JSON: all settings of the optimizer but the learning rate, and of the loss. */
  readonly optimizer: string;
  readonly loss: string;
  /** How images are changed, as JSON: a list of layers. */
  readonly augment: string;
  /** None of a generator. */
  readonly data: DataIdentity | null;
}

/** A model in the middle of its training. */
export interface Checkpoint {
  /** The network, as `model.toJSON()` gives it. */
  readonly network: object;
  readonly seed: number;
  /** What the model knows of classes and pictures: see `SequentialOptions`. */
  readonly classNames: readonly string[] | null;
  readonly imageFit: Fit | null;
  /** Which build of the engine it was trained with, if it was. */
  readonly tier: string | null;
  /** How many batches the optimizer has seen. */
  readonly steps: number;
  /** The learning rate, if it was set by hand. */
  readonly learningRate: number | null;
  /** How the model was told to learn, if it was. */
  readonly compiled: CompiledOptions | null;
  /** None if there has been no `fit`. */
  readonly training: TrainingState | null;
  /** What callbacks know, by their names. */
  readonly callbacks: ReadonlyMap<string, CallbackState>;
  /** By name, such as "conv2d/kernel". */
  readonly weights: ReadonlyMap<string, Tensor>;
  /** What the optimizer keeps, such as "conv2d/kernel/momentum". */
  readonly optimizer: ReadonlyMap<string, Tensor>;
}

/**
 * Where a training goes on.
 * @throws OptionError if it would be another training, naming what differs
 */
export function resumedAt(
  { training, seed }: Checkpoint,
  now: Omit<TrainingState, 'position' | 'epochsBefore'> & { readonly seed: number },
): Position {
  if (seed !== now.seed) {
    throw new OptionError(`resumeFrom: the checkpoint has the seed ${seed}, the model ${now.seed}.`);
  }
  if (!training) return beginning(0);
  for (const [option, value] of Object.entries(training.order)) {
    const given = now.order[option as keyof BatchOrder];
    if (given === value) continue;
    throw new OptionError(
      `resumeFrom: the checkpoint was trained with ${option} ${value}, not with ${given}: what comes would be another training.`,
    );
  }
  for (const what of ['optimizer', 'loss', 'augment'] as const) {
    if (training[what] === now[what]) continue;
    throw new OptionError(
      `resumeFrom: the checkpoint was trained with the ${what} ${training[what]}, not with ${now[what]}.`,
    );
  }
  if (training.data && now.data) mustBeSameData(now.data, training.data);
  return training.position;
}

/** @param source  whose state it is, for messages @throws FormatError if it is that of another optimizer than one that keeps `wanted` */
export function mustKeep(
  optimizer: ReadonlyMap<string, unknown>,
  wanted: readonly string[],
  source: string,
): void {
  const missing = wanted.find((name) => !optimizer.has(name));
  const known = new Set(wanted);
  const extra = [...optimizer.keys()].find((name) => !known.has(name));
  if (missing === undefined && extra === undefined) return;
  const difference = missing === undefined ? `has ${extra!}` : `has no ${missing}`;
  throw new FormatError(
    `${source} is of another optimizer, or of other layers that are trained: it ${difference}.`,
  );
}
