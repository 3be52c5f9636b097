/** Images with their targets and weights, as the engine takes them. */
import { OptionError } from '../errors.ts';
import type { LossConfig, TargetLayout } from '../nn/losses/loss.ts';
import type { Network } from '../nn/network.ts';
import type { BatchTarget, FillBatch, Pixels } from '../nn/session.ts';
import { size } from '../nn/shape.ts';
import { areStored, readStored, sliceStored, type StoredImages } from '../data/storedImages.ts';
import { encodeTargets, inLayout, type TargetData, type Targets } from './targets.ts';
import { classWeights, sampleWeights, type WeightOptions } from './weights.ts';

/** Images as a flat array, [count, height, width, channels]: bytes 0…255, scaled to 0…1, or floats as they are. */
export type ImageData = Uint8Array | Float32Array;

/** Images, as the engine takes them. */
export interface Images {
  readonly pixels: Pixels;
  readonly data: ImageData | StoredImages;
  readonly count: number;
  /** Numbers in one image. */
  readonly size: number;
}

/** Images with what they are to be told as. */
export interface Examples extends Images {
  readonly targets: Targets;
  /** What each image counts, [count]; all the same where it is left out. */
  readonly weights?: Float32Array;
}

/** What the engine must be told of examples before it takes them: others can be made into a more general kind. */
export interface ExampleKind {
  readonly layout: TargetLayout;
  /** Whether images count differently. */
  readonly weighted: boolean;
}

/** @throws OptionError if `x` is no whole number of the network's images */
export function images(network: Network, x: ImageData | StoredImages): Images {
  const stored = typeof (x as Partial<StoredImages> | null)?.read === 'function';
  if (!stored && !((x as unknown) instanceof Uint8Array) && !((x as unknown) instanceof Float32Array)) {
    throw new OptionError('x must be a Uint8Array (0…255) or a Float32Array of images.');
  }
  const shape = network.inputShape;
  const count = x.length / size(shape);
  if (!Number.isInteger(count)) {
    throw new OptionError(
      `x has ${x.length} values, which is no whole number of [${shape.join(', ')}] images.`,
    );
  }
  return { pixels: x instanceof Float32Array ? 'float32' : 'uint8', data: x, count, size: size(shape) };
}

/**
 * @param options.keepRows  whether one-hot rows stay numbers
 * @throws OptionError if there are no images, or `y` and the weights do not fit them, the network and the loss
 */
export function examples(
  network: Network,
  x: ImageData | StoredImages,
  y: TargetData,
  loss: LossConfig,
  options: WeightOptions & { readonly keepRows?: boolean } = {},
): Examples {
  const given = images(network, x);
  if (given.count === 0) throw new OptionError('x has no images.');
  const targets = encodeTargets(y, given.count, network.outputShape, loss, options.keepRows);
  const weights = sampleWeights(given.count, options.sampleWeight);
  return withClassWeight(network, { ...given, targets, ...(weights && { weights }) }, options.classWeight);
}

/** The examples, of which each counts as its class does. @throws OptionError if they have no class each */
export function withClassWeight(
  network: Network,
  set: Examples,
  classWeight: WeightOptions['classWeight'],
): Examples {
  const weights = classWeights(set.weights, set.targets, network.outputShape.at(-1)!, classWeight);
  return weights ? { ...set, weights } : set;
}

/** The examples [begin, end), without copying. */
export function sliceExamples(all: Examples, begin: number, end: number): Examples {
  const { targets, weights } = all;
  const data = targets.data.subarray(begin * targets.size, end * targets.size);
  const { data: images, size } = all;
  return {
    ...all,
    data: areStored(images)
      ? sliceStored(images, begin, (end - begin) * size)
      : images.subarray(begin * size, end * size),
    targets: { ...targets, data } as Targets,
    count: end - begin,
    ...(weights && { weights: weights.subarray(begin, end) }),
  };
}

/** The kind that all the examples can be of. */
export function kindOf(...sets: readonly Examples[]): ExampleKind {
  return {
    layout: sets.some(({ targets }) => targets.layout === 'values') ? 'values' : 'classes',
    weighted: sets.some(({ weights }) => weights !== undefined),
  };
}

/** The kind that all the examples can be of in training: layers that mix targets need numbers. */
export function trainingKind({ layers }: Network, ...sets: readonly Examples[]): ExampleKind {
  const kind = kindOf(...sets);
  return layers.some(({ mixesTargets }) => mixesTargets) ? { ...kind, layout: 'values' } : kind;
}

/**
 * Examples made into a kind.
 * @param what  whose they are, for messages: "Batch 3 of the generator"
 * @param others  what is of that kind already: "the first one"
 * @throws OptionError if theirs is more general
 */
export function ofKind(
  network: Network,
  set: Examples,
  kind: ExampleKind,
  what: string,
  others: string,
): Examples {
  if (set.targets.layout === 'values' && kind.layout === 'classes') {
    throw new OptionError(
      `${what} has numbers for targets, but ${others} has indices of classes: give all of them numbers.`,
    );
  }
  if (set.weights && !kind.weighted) {
    throw new OptionError(
      `${what} has weights, but ${others} has none: give all of them a sampleWeight, if need be of ones.`,
    );
  }
  const weights = set.weights ?? (kind.weighted ? new Float32Array(set.count).fill(1) : undefined);
  const targets = inLayout(set.targets, kind.layout, network.outputShape.at(-1)!);
  return { ...set, targets, ...(weights && { weights }) };
}

/** A batch of images, or of examples. */
export interface LoadedBatch {
  readonly fill: FillBatch<Pixels>;
  /** Reads what it is filled with; only where that is not in memory yet, and then it must be waited for. */
  readonly load?: () => Promise<void>;
}

/** @param order which; all in order by default */
export function batchOf(
  set: Images | Examples,
  begin: number,
  count: number,
  order?: Uint32Array,
): LoadedBatch {
  const { data, size } = set;
  if (!areStored(data)) {
    return {
      fill: (target) => {
        copyRows(data, target.images, size, begin, count, order);
        copyTargets(set, target, begin, count, order);
      },
    };
  }
  let read: Uint8Array;
  return {
    load: async () => {
      read = await readStored(data, size, begin, count, order);
    },
    fill: (target) => {
      target.images.set(read);
      copyTargets(set, target, begin, count, order);
    },
  };
}

function copyTargets(
  from: Images | Examples,
  to: BatchTarget<Pixels>,
  begin: number,
  count: number,
  order?: Uint32Array,
): void {
  if (!('targets' in from)) return;
  const { targets, weights } = from;
  const target = targets.layout === 'classes' ? to.classes : to.values;
  copyRows(targets.data, target, targets.size, begin, count, order);
  if (weights) copyRows(weights, to.weights, 1, begin, count, order);
  else to.weights.fill(1);
}

/**
 * A batch that tells its examples apart, for what is done at random to each.
 * @param turn  how often they have been seen before
 * @param indexOf  of the images of the batch
 */
export function toldApart(batch: LoadedBatch, turn: number, indexOf: (i: number) => number): LoadedBatch {
  const fill: LoadedBatch['fill'] = (target) => {
    batch.fill(target);
    const { examples } = target;
    for (let i = 0; i < examples.length; i += 2) examples.set([indexOf(i / 2), turn], i);
  };
  return { ...batch, fill };
}

type Numbers = Uint8Array | Int32Array | Float32Array;

function copyRows(
  from: Numbers,
  to: Numbers,
  length: number,
  begin: number,
  count: number,
  order?: Uint32Array,
): void {
  if (!order) {
    to.set(from.subarray(begin * length, (begin + count) * length));
    return;
  }
  if (length === 1) {
    for (let i = 0; i < count; i++) to[i] = from[order[begin + i]!]!;
    return;
  }
  for (let i = 0; i < count; i++) {
    const at = order[begin + i]! * length;
    to.set(from.subarray(at, at + length), i * length);
  }
}
