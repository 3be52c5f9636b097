/** The options of a model and of its methods, as Keras and tfjs have them. */
import { FITS, type Fit } from '../data/fitPicture.ts';
import { TIERS, type Tier } from '../engine/tier.ts';
import { OptionError } from '../errors.ts';
import { refuseUnknown } from '../nn/layers/options.ts';
import type { Spec } from '../nn/layers/definition.ts';
import { LAYOUTS, size, type Layout, type Shape } from '../nn/shape.ts';
import type { LossConfig } from '../nn/losses/loss.ts';
import type { MetricConfig } from '../nn/metrics/metric.ts';
import { CONVOLUTION_CHOICES, type ConvolutionChoice } from '../nn/operations/convolutionAlgorithm.ts';
import type { OptimizerConfig } from '../nn/optimizers/optimizer.ts';
import { PIXEL_SCALES, type PixelScale } from '../nn/pixelScale.ts';
import { quoted } from '../quoted.ts';
import type { Callbacks } from './callbacks.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { ImageData } from './examples.ts';
import type { StoredImages } from '../data/storedImages.ts';
import type { TargetData } from './targets.ts';
import type { BatchLogs } from './totals.ts';
import type { WeightOptions } from './weights.ts';

export interface SequentialOptions {
  /** Of the initial weights, the shuffling, dropout and augmentation; 0 by default. */
  seed?: number;
  /** The build of the engine; `auto`, the fastest that works here, by default. */
  tier?: Tier | 'auto';
  /** The algorithm of the convolutions; `auto`, the fastest for each, by default. Results differ by rounding. */
  convolution?: ConvolutionChoice;
  /** How many threads to train and evaluate in; all cores by default. */
  threads?: number;
  /** The names of the classes, which are saved with the model. */
  classNames?: readonly string[] | undefined;
  /** How pictures of other proportions are brought into shape for it, which is saved with the model: 'crop', 'stretch' or 'fit'. */
  imageFit?: Fit | undefined;
  /** How images lay in the program that the model is from, which is saved with it; 'nhwc' by default. Here they are always [height, width, channels]. */
  layout?: Layout | undefined;
  /** What the largest byte of an image, 255, becomes for the network, which is saved with it: 1 by default, or 255. Floats stay as they are. */
  pixelScale?: PixelScale | undefined;
}

/** @throws OptionError for an option of a model that is not known, or out of range whatever the network is */
export function checkModelOptions(options: SequentialOptions): void {
  refuseUnknown('A model', options, [
    'seed',
    'tier',
    'convolution',
    'threads',
    'classNames',
    'imageFit',
    'layout',
    'pixelScale',
  ]);
  const {
    seed = 0,
    tier = 'auto',
    convolution = 'auto',
    threads = 1,
    imageFit,
    layout,
    pixelScale,
  } = options;
  if (!Number.isSafeInteger(seed)) throw new OptionError(`The seed must be a whole number, not ${seed}.`);
  oneOf('tier', tier, ['auto', ...TIERS]);
  oneOf('convolution', convolution, CONVOLUTION_CHOICES);
  wholeNumber('threads', threads);
  if (imageFit !== undefined) oneOf('imageFit', imageFit, FITS);
  if (layout !== undefined) oneOf('layout', layout, LAYOUTS);
  if (pixelScale !== undefined && !PIXEL_SCALES.includes(pixelScale))
    throw new OptionError(`pixelScale must be 1 or 255, not ${quoted(pixelScale)}.`);
}

/** @throws OptionError unless there is a name for each output */
export function checkClassNames(classNames: readonly string[] | undefined, outputShape: Shape): void {
  const outputs = size(outputShape);
  if (!classNames || classNames.length === outputs) return;
  throw new OptionError(
    `There are ${classNames.length} class names, but the network has ${outputs} outputs.`,
  );
}

export interface CompileOptions {
  /** A name, such as 'adam', or settings: adam({ learningRate, … }), sgd({ … }), … */
  optimizer: string | OptimizerConfig;
  /** A name, such as 'sparseCategoricalCrossentropy', or settings: huber({ delta }), … */
  loss: string | LossConfig;
  /** What to report besides the loss, by name or settings: 'accuracy', topKCategoricalAccuracy({ k: 3 }), … */
  metrics?: readonly (string | MetricConfig)[];
}

export interface FitOptions extends WeightOptions {
  /** The epoch to stop before; 1 by default. */
  epochs?: number;
  /** The epoch to begin with, counted from 0; 0 by default. */
  initialEpoch?: number;
  /** 32 by default, as in Keras. Of a generator, the most images that a batch will have, if the first one has fewer. */
  batchSize?: number;
  /**
   * Batches in an epoch; all that there are by default. Examples that are not reached come first in the next epoch; a generator
   * that is no function needs it, and goes on in the next epoch.
   */
  stepsPerEpoch?: number;
  /** Whether the examples of a pass that do not fill its last batch are left out of it; false by default. */
  dropRemainder?: boolean;
  /** The share of the examples, from the end and before any shuffling, that is held out for validation; 0 by default. */
  validationSplit?: number;
  /** Examples to validate with instead; validationSplit then counts for nothing. */
  validationData?:
    | readonly [x: ImageData | StoredImages, y: TargetData]
    | readonly [
        x: ImageData | StoredImages,
        y: TargetData,
        sampleWeight: NonNullable<WeightOptions['sampleWeight']>,
      ];
  /** Whether to shuffle the examples before every epoch; true by default. */
  shuffle?: boolean;
  /**
   * Layers that change the images in training only, as if they stood in front of the network: randomFlip(), mixUp(), … None by
   * default.
   */
  augment?: Spec | readonly Spec[];
  /** What to call as training goes on: one object, or several. */
  callbacks?: Callbacks | readonly Callbacks[];
  /** 0: nothing is printed, which is the default; 1 or 2: a line for each epoch. */
  verbose?: 0 | 1 | 2;
  /** How often `onCheckpoint` is called besides at the end of an epoch: after so many steps, or seconds. */
  checkpointEvery?: CheckpointCadence;
  /** Goes on with the training that a checkpoint is of: data and options must be the same, but there may be more epochs. */
  resumeFrom?: Checkpoint;
  /** Ends the training after the steps that are under way; fit then returns what it has. */
  signal?: AbortSignal;
}

/** After so many steps, or seconds, or whichever comes first. */
export interface CheckpointCadence {
  readonly steps?: number;
  readonly seconds?: number;
}

export const FIT_DEFAULTS = {
  epochs: 1,
  initialEpoch: 0,
  batchSize: 32,
  dropRemainder: false,
  validationSplit: 0,
  shuffle: true,
  verbose: 0,
} as const satisfies FitOptions;

const FIT_OPTIONS: readonly string[] = [
  ...Object.keys(FIT_DEFAULTS),
  'stepsPerEpoch',
  'augment',
  'validationData',
  'callbacks',
  'checkpointEvery',
  'resumeFrom',
  'signal',
  'sampleWeight',
  'classWeight',
];

/** @throws OptionError for a number out of range, or an option that is not known */
export function checkFitOptions(options: FitOptions): void {
  refuseUnknown('fit', options, FIT_OPTIONS);
  const { epochs, initialEpoch, batchSize, validationSplit, verbose, stepsPerEpoch, resumeFrom } = {
    ...FIT_DEFAULTS,
    ...options,
  };
  wholeNumber('epochs', epochs);
  wholeNumber('initialEpoch', initialEpoch, 0);
  wholeNumber('batchSize', batchSize);
  if (stepsPerEpoch !== undefined) wholeNumber('stepsPerEpoch', stepsPerEpoch);
  if (resumeFrom !== undefined && !((resumeFrom as Partial<Checkpoint> | null)?.weights instanceof Map))
    throw new OptionError('resumeFrom must be what model.checkpoint() or await loadCheckpoint(path) gives.');
  if (resumeFrom && initialEpoch > 0)
    throw new OptionError('initialEpoch: where to begin is up to the checkpoint of resumeFrom.');
  if (!(validationSplit >= 0 && validationSplit < 1)) {
    throw new OptionError(`validationSplit must be at least 0 and below 1, not ${validationSplit}.`);
  }
  oneOf('verbose', String(verbose), ['0', '1', '2']);
}

export interface EvaluateOptions extends WeightOptions {
  /** 32 by default. */
  batchSize?: number;
  onBatchEnd?: (batch: number, logs: BatchLogs) => void;
}

/** The mean loss, and the metrics by their names. */
export interface Evaluation {
  readonly loss: number;
  /** How many images there were. */
  readonly count: number;
  readonly [metric: string]: number;
}

/** Where the model runs. */
export interface EngineInfo {
  readonly tier: Tier;
  readonly threads: number;
  /** The engine's memory in bytes. */
  readonly arenaBytes: number;
}

/** @throws OptionError if it is not a whole number of at least `least` */
export function wholeNumber(option: string, value: number, least = 1): void {
  if (!Number.isInteger(value) || value < least) {
    throw new OptionError(`${option} must be a whole number of at least ${least}, not ${value}.`);
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
