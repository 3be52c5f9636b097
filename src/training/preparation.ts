/** What `fit` is given, checked and brought together: where batches come from, and what to validate with. */
import { OptionError } from '../errors.ts';
import type { LossConfig } from '../nn/losses/loss.ts';
import type { Network } from '../nn/network.ts';
import { fromExamples, type BatchSource } from './batchSource.ts';
import { identityOf, type DataIdentity } from './dataIdentity.ts';
import {
  examples,
  ofKind,
  sliceExamples,
  trainingKind,
  withClassWeight,
  type ExampleKind,
  type Examples,
  type ImageData,
} from './examples.ts';
import { GeneratedBatches, isGenerator, type BatchGenerator } from './generatedBatches.ts';
import { FIT_DEFAULTS, type FitOptions } from './options.ts';
import type { StoredImages } from '../data/storedImages.ts';
import type { TargetData } from './targets.ts';

/** What the model knows. */
export interface FitContext {
  /** What is trained: with layers in front of it that change the images, if there are any. */
  readonly network: Network;
  readonly loss: LossConfig;
  readonly seed: number;
  /** How many epochs come before epoch 0 of this training. */
  readonly epochsBefore: number;
  /** The epoch to begin with. */
  readonly firstEpoch: number;
}

export interface PreparedFit {
  readonly source: BatchSource;
  /** Of all examples, those to validate with too. */
  readonly kind: ExampleKind;
  readonly validation: Examples | undefined;
  /** The most images in a batch. */
  readonly batchSize: number;
  /** What data it is; none of a generator. */
  readonly data: DataIdentity | Promise<DataIdentity> | null;
}

/** At once, for examples that are all there. @throws OptionError for unfitting data or options */
export function prepareFit(
  context: FitContext,
  x: ImageData | StoredImages | BatchGenerator,
  y: TargetData | undefined,
  options: FitOptions,
): PreparedFit | Promise<PreparedFit> {
  return isGenerator(x) ? fromGenerator(context, x, y, options) : fromArrays(context, x, y, options);
}

function fromArrays(
  context: FitContext,
  x: ImageData | StoredImages,
  y: TargetData | undefined,
  options: FitOptions,
): PreparedFit {
  const { network, loss, seed, epochsBefore } = context;
  const { validationSplit, shuffle, stepsPerEpoch, dropRemainder, sampleWeight, classWeight } = {
    ...FIT_DEFAULTS,
    ...options,
  };
  if (y === undefined) throw new OptionError('fit needs y: what the images are to be told as.');
  const all = examples(network, x, y, loss, sampleWeight ? { sampleWeight } : {});
  const given = validationOf(context, options);
  // Keras' rules: validationData overrides validationSplit, and the training part is rounded down.
  const split = given ? all.count : Math.floor(all.count * (1 - validationSplit));
  if (split === 0)
    throw new OptionError(`A validationSplit of ${validationSplit} leaves no image to train on.`);
  // Classes count in training only.
  const train = withClassWeight(network, sliceExamples(all, 0, split), classWeight);
  const held = given ?? (split < all.count ? sliceExamples(all, split, all.count) : undefined);
  const kind = trainingKind(network, train, ...(held ? [held] : []));
  const batchSize = Math.min(options.batchSize ?? FIT_DEFAULTS.batchSize, split);
  return {
    source: fromExamples(ofKind(network, train, kind, 'x', 'all'), {
      batchSize,
      shuffle,
      seed,
      epochsBefore,
      stepsPerEpoch,
      dropRemainder,
    }),
    kind,
    validation: held && ofKind(network, held, kind, 'validationData', 'all'),
    batchSize,
    data: identityOf(all),
  };
}

async function fromGenerator(
  context: FitContext,
  generator: BatchGenerator,
  y: TargetData | undefined,
  options: FitOptions,
): Promise<PreparedFit> {
  const { network, loss, firstEpoch } = context;
  const { stepsPerEpoch, classWeight, resumeFrom } = options;
  if (resumeFrom && typeof generator !== 'function') {
    throw new OptionError('resumeFrom needs arrays, or a function that makes the batches of an epoch.');
  }
  if (y !== undefined) throw new OptionError('fit takes y from the batches of a generator: leave it out.');
  if (options.sampleWeight) {
    throw new OptionError('fit takes sampleWeight from the batches of a generator: { x, y, sampleWeight }.');
  }
  if (options.validationSplit) {
    throw new OptionError('validationSplit needs examples that are all there; use validationData.');
  }
  if (options.dropRemainder) throw new OptionError('dropRemainder needs examples that are all there.');
  if (classWeight === 'balanced')
    throw new OptionError("classWeight 'balanced' needs examples that are all there: give { 0: 1, 1: 3 }.");
  const validation = validationOf(context, options);
  // What the first batch tells.
  const known = { kind: undefined as ExampleKind | undefined, most: 0 };
  const source = new GeneratedBatches(generator, stepsPerEpoch, {
    read: ({ x, y: targets, sampleWeight }) =>
      examples(network, x, targets, loss, {
        keepRows: true,
        ...(sampleWeight && { sampleWeight }),
        ...(classWeight && { classWeight }),
      }),
    conform: (set, name) => {
      if (set.count > known.most) {
        throw new OptionError(
          `${name} has ${set.count} images, but there is room for ${known.most}: give fit a larger batchSize.`,
        );
      }
      return ofKind(network, set, known.kind!, name, 'the first one');
    },
  });
  const first = await source.first(firstEpoch);
  const kind = trainingKind(network, first, ...(validation ? [validation] : []));
  const batchSize = Math.max(options.batchSize ?? FIT_DEFAULTS.batchSize, first.count);
  Object.assign(known, { kind, most: batchSize });
  return {
    source,
    kind,
    validation: validation && ofKind(network, validation, kind, 'validationData', 'all'),
    batchSize,
    data: null,
  };
}

function validationOf({ network, loss }: FitContext, { validationData }: FitOptions): Examples | undefined {
  if (validationData === undefined) return undefined;
  if (!Array.isArray(validationData) || validationData.length < 2 || validationData.length > 3) {
    throw new OptionError('validationData must be [x, y] or [x, y, sampleWeight].');
  }
  const [x, y, sampleWeight] = validationData as NonNullable<FitOptions['validationData']>;
  return named('validationData', () => examples(network, x, y, loss, sampleWeight ? { sampleWeight } : {}));
}

/** Says whose fault it was. */
function named<T>(what: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new OptionError(`${what}: ${error.message}`, { cause: error });
  }
}
