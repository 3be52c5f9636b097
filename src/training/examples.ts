import { OptionError } from '../errors.ts';
import type { Network } from '../nn/network.ts';
import type { Pixels } from '../nn/session.ts';
import { size } from '../nn/shape.ts';

/** Images as a flat array, [count, height, width, channels]: bytes 0…255, scaled to 0…1, or floats as they are. */
export type ImageData = Uint8Array | Float32Array;

/** Class indices, [count]; or one-hot rows, [count, classes], for the loss `categoricalCrossentropy`. */
export type LabelData = Uint8Array | Int32Array | Float32Array | readonly number[];

export type Loss = 'categoricalCrossentropy' | 'sparseCategoricalCrossentropy';

/** Images, as the engine takes them. */
export interface Images {
  readonly pixels: Pixels;
  readonly data: ImageData;
  readonly count: number;
  /** Numbers in one image. */
  readonly size: number;
}

/** Images with their class indices. */
export interface Examples extends Images {
  readonly labels: Uint8Array;
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

/** @throws OptionError if there are no images, or `y` does not label each of them with one of the network's classes */
export function examples(network: Network, x: ImageData, y: LabelData, loss: Loss): Examples {
  const given = images(network, x);
  if (given.count === 0) throw new OptionError('x has no images.');
  const classes = size(network.layers.at(-1)!.outputShape);
  const oneHot = loss === 'categoricalCrossentropy' && y.length === given.count * classes && classes > 1;
  const labels = oneHot ? indicesOf(y, given.count, classes) : Uint8Array.from(y);
  if (labels.length !== given.count) {
    throw new OptionError(`x has ${given.count} images, but y has ${y.length} labels: each image needs one.`);
  }
  if (!oneHot) {
    for (let i = 0; i < given.count; i++) {
      if (labels[i] !== y[i] || labels[i]! >= classes) {
        throw new OptionError(`y[${i}] is ${y[i]}, but the network's classes are 0 to ${classes - 1}.`);
      }
    }
  }
  return { ...given, labels };
}

function indicesOf(y: LabelData, count: number, classes: number): Uint8Array {
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const row = Array.from(y.slice(i * classes, (i + 1) * classes));
    labels[i] = row.indexOf(1);
    if (row.filter((value) => value === 1).length !== 1 || row.some((value) => value !== 0 && value !== 1)) {
      throw new OptionError(`y: row ${i} is not one-hot, one 1 and otherwise 0: [${row.join(', ')}].`);
    }
  }
  return labels;
}

/** The examples [begin, end), without copying. */
export function sliceExamples(all: Examples, begin: number, end: number): Examples {
  return {
    ...all,
    data: all.data.subarray(begin * all.size, end * all.size),
    labels: all.labels.subarray(begin, end),
    count: end - begin,
  };
}

/** Copies some images into a batch. @param order which; all in order by default */
export function copyImages(
  from: Images,
  to: ImageData,
  begin: number,
  count: number,
  order?: Uint32Array,
): void {
  if (!order) {
    to.set(from.data.subarray(begin * from.size, (begin + count) * from.size));
    return;
  }
  for (let i = 0; i < count; i++) {
    const at = order[begin + i]! * from.size;
    to.set(from.data.subarray(at, at + from.size), i * from.size);
  }
}

/** Copies some labels into a batch. @param order which; all in order by default */
export function copyLabels(
  from: Examples,
  to: Uint8Array,
  begin: number,
  count: number,
  order?: Uint32Array,
): void {
  for (let i = 0; i < count; i++) to[i] = from.labels[order ? order[begin + i]! : begin + i]!;
}
