/** Images with their targets and weights, as the engine takes them. */
import { OptionError } from '../errors.ts';
import type { LossConfig, TargetLayout } from '../nn/losses/loss.ts';
import type { Network } from '../nn/network.ts';
import type { BatchTarget, Pixels } from '../nn/session.ts';
import { size } from '../nn/shape.ts';
import { encodeTargets, inLayout, type TargetData, type Targets } from './targets.ts';
import { classWeights, sampleWeights, type WeightOptions } from './weights.ts';

/** Images as a flat array, [count, height, width, channels]: bytes 0…255, scaled to 0…1, or floats as they are. */
export type ImageData = Uint8Array | Float32Array;

/** Images, as the engine takes them. */
export interface Images {
  readonly pixels: Pixels;
  readonly data: ImageData;
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
export function images(network: Network, x: ImageData): Images {
  if (!((x as unknown) instanceof Uint8Array) && !((x as unknown) instanceof Float32Array)) {
    throw new OptionError('x must be a Uint8Array (0…255) or a Float32Array of images.');
  }
  const shape = network.inputShape;
  const count = x.length / size(shape);
  if (!Number.isInteger(count)) {
    throw new OptionError(
      `x has ${x.length} values, which is no whole number of [${shape.join(', ')}] images.`,
    );
  }
  return { pixels: x instanceof Uint8Array ? 'uint8' : 'float32', data: x, count, size: size(shape) };
}

/**
 * @param options.keepRows  whether one-hot rows stay numbers
 * @throws OptionError if there are no images, or `y` and the weights do not fit them, the network and the loss
 */
export function examples(
  network: Network,
  x: ImageData,
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
  return {
    ...all,
    data: all.data.subarray(begin * all.size, end * all.size),
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

/** Copies some images into a batch. @param order which; all in order by default */
export function copyImages(
  from: Images,
  to: ImageData,
  begin: number,
  count: number,
  order?: Uint32Array,
): void {
  copyRows(from.data, to, from.size, begin, count, order);
}

/** Fills a batch. @param order which; all in order by default */
export function copyExamples(
  from: Examples,
  to: BatchTarget<Pixels>,
  begin: number,
  count: number,
  order?: Uint32Array,
): void {
  copyRows(from.data, to.images, from.size, begin, count, order);
  const { targets, weights } = from;
  const target = targets.layout === 'classes' ? to.classes : to.values;
  copyRows(targets.data, target, targets.size, begin, count, order);
  if (weights) copyRows(weights, to.weights, 1, begin, count, order);
  else to.weights.fill(1);
}

/** Tells examples apart. @param turn  how often they have been seen before @param indexOf  of the images of the batch */
export function tellApart(to: Uint32Array, turn: number, indexOf: (i: number) => number): void {
  for (let i = 0; i < to.length; i += 2) to.set([indexOf(i / 2), turn], i);
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
