/** Images with their targets and weights, as the engine takes them. */
import { OptionError } from '../errors.ts';
import type { LossConfig } from '../nn/losses/loss.ts';
import type { Network } from '../nn/network.ts';
import type { BatchTarget, Pixels } from '../nn/session.ts';
import { size } from '../nn/shape.ts';
import { encodeTargets, inLayout, type TargetData, type Targets } from './targets.ts';

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

/** What each image or class counts. */
export interface WeightOptions {
  /** [count] */
  sampleWeight?: Float32Array | Float64Array | readonly number[];
  /** By class index; 1 for classes that are left out. */
  classWeight?: Readonly<Record<number, number>>;
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

/** @throws OptionError if there are no images, or `y` and the weights do not fit them, the network and the loss */
export function examples(
  network: Network,
  x: ImageData,
  y: TargetData,
  loss: LossConfig,
  options: WeightOptions = {},
): Examples {
  const given = images(network, x);
  if (given.count === 0) throw new OptionError('x has no images.');
  const targets = encodeTargets(y, given.count, network.outputShape, loss);
  const weights = weightsOf(given.count, targets, options);
  return { ...given, targets, ...(weights && { weights }) };
}

function weightsOf(
  count: number,
  targets: Targets,
  { sampleWeight, classWeight }: WeightOptions,
): Float32Array | undefined {
  if (!sampleWeight && !classWeight) return undefined;
  if (sampleWeight && sampleWeight.length !== count) {
    throw new OptionError(`There are ${count} images, but sampleWeight has ${sampleWeight.length} numbers.`);
  }
  const weights = sampleWeight ? Float32Array.from(sampleWeight) : new Float32Array(count).fill(1);
  if (classWeight) {
    if (targets.layout !== 'classes' || targets.size !== 1) {
      throw new OptionError('classWeight needs one class for each image: use sampleWeight instead.');
    }
    for (let i = 0; i < count; i++) weights[i]! *= classWeight[targets.data[i]!] ?? 1;
  }
  const bad = weights.findIndex((weight) => !(weight >= 0 && weight < Infinity));
  if (bad >= 0)
    throw new OptionError(`The weight of image ${bad} is ${weights[bad]}: it must be at least 0.`);
  return weights;
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

/** Examples of one kind: all with the layout that the most general of them needs. */
export function alike(network: Network, ...sets: readonly Examples[]): Examples[] {
  const layout = sets.some(({ targets }) => targets.layout === 'values') ? 'values' : 'classes';
  const classes = network.outputShape.at(-1)!;
  return sets.map((set) => ({ ...set, targets: inLayout(set.targets, layout, classes) }));
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
