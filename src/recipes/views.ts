/** Test-time augmentation: images are looked at several times, a little shifted or mirrored, and what the model says is averaged. */
import { areStored, readStored, type StoredImages } from '../data/storedImages.ts';
import { OptionError } from '../errors.ts';
import { exp, log } from '../ieeeMath.ts';
import { refuseUnknown } from '../nn/layers/options.ts';
import type { Tensor } from '../nn/parameters.ts';
import { images as imagesOf, type ImageData } from '../training/examples.ts';
import type { Model } from '../training/model.ts';
import { isClassifier } from '../training/objectives.ts';

/** One look. */
export interface View {
  /** By how many pixels the image is moved up and to the left; what is missing is mirrored at its border. */
  readonly up: number;
  readonly left: number;
  /** Whether it is mirrored, left to right: before it is moved. */
  readonly mirrored: boolean;
  /** What it counts; all together 1. */
  readonly weight: number;
}

/** The image as it is. */
export const PLAIN_VIEW: View = { up: 0, left: 0, mirrored: false, weight: 1 };

/** As it is and mirrored: together as much as moved by a pixel in both directions, each mirrored too. */
export const SIX_VIEWS: readonly View[] = [0, 1, -1].flatMap((by) =>
  [false, true].map((mirrored) => ({ up: by, left: by, mirrored, weight: by === 0 ? 1 / 4 : 1 / 8 })),
);

export interface ViewOptions {
  /** Six by default: `SIX_VIEWS`. */
  views?: readonly View[];
  /** 32 by default. */
  batchSize?: number;
  /** Is told how many images are done, again and again; what it throws ends it. */
  onProgress?: (done: number, count: number) => void;
}

/** How often the likeliest class over all views is the right one. */
export interface ViewsEvaluation {
  readonly accuracy: number;
  /** How many images there were. */
  readonly count: number;
  /** How often each was looked at. */
  readonly views: number;
}

/** Images are looked at so many at a time. */
const CHUNK = 1000;

/** The least probability that counts, so that logarithms are finite. */
const LEAST = 1e-30;

/** [height, width, channels] */
type Size = readonly [height: number, width: number, channels: number];

/**
 * The probabilities of a classifier, averaged over views by their logarithms, which ranks classes as the mean of the logits does.
 * @param x  images, [count, height, width, channels], in memory or where they are read from
 * @returns [count, classes]
 * @throws OptionError for unfitting images or options, or if the model is no classifier; EngineError
 */
export async function predictViews(
  model: Model,
  x: ImageData | StoredImages,
  options: ViewOptions = {},
): Promise<Tensor> {
  refuseUnknown('predictViews', options, ['views', 'batchSize', 'onProgress']);
  const { views = SIX_VIEWS, batchSize = 32, onProgress } = options;
  const { network } = model;
  const [size, classes] = [network.inputShape, network.outputShape[0]!];
  if (!isClassifier(network) || network.outputShape.length > 1)
    throw new OptionError('Views are for classifiers: the network must end in a softmax over the classes.');
  checkViews(views, size);
  const { count } = imagesOf(network, x);
  const values = size[0] * size[1] * size[2];
  const data = new Float32Array(count * classes);
  for (let begin = 0; begin < count; begin += CHUNK) {
    const length = Math.min(CHUNK, count - begin);
    const chunk = areStored(x)
      ? await readStored(x, values, begin, length)
      : x.subarray(begin * values, (begin + length) * values);
    const sums = new Float64Array(length * classes);
    for (const [i, view] of views.entries()) {
      const { data: seen } = await model.predict(looked(chunk, size, view), { batchSize });
      seen.forEach((probability, at) => {
        sums[at]! += view.weight * log(Math.max(probability, LEAST));
      });
      onProgress?.(begin + Math.floor((length * (i + 1)) / views.length), count);
    }
    data.set(probabilitiesOf(sums, classes), begin * classes);
  }
  return { shape: [count, classes], data };
}

/**
 * How good a classifier is that looks at images in several ways.
 * @param x  images, as `predictViews` takes them
 * @param y  class indices, [count]
 * @throws OptionError, EngineError
 */
export async function evaluateViews(
  model: Model,
  x: ImageData | StoredImages,
  y: ArrayLike<number>,
  options: ViewOptions = {},
): Promise<ViewsEvaluation> {
  const { count } = imagesOf(model.network, x);
  if (y.length !== count)
    throw new OptionError(`There are ${y.length} class indices for ${count} images: there must be as many.`);
  const { data } = await predictViews(model, x, options);
  return { accuracy: accuracyOf(data, y), count, views: (options.views ?? SIX_VIEWS).length };
}

/** How often the likeliest class is the right one. @param probabilities  [count, classes] @param labels  class indices, [count] */
export function accuracyOf(probabilities: Float32Array, labels: ArrayLike<number>): number {
  const classes = probabilities.length / labels.length;
  let right = 0;
  for (let i = 0; i < labels.length; i++) {
    const row = probabilities.subarray(i * classes, (i + 1) * classes);
    if (row.indexOf(Math.max(...row)) === labels[i]) right++;
  }
  return right / labels.length;
}

function checkViews(views: readonly View[], [height, width]: Size): void {
  if (views.length === 0) throw new OptionError('views must have at least one view.');
  for (const { up, left, weight } of views) {
    if (!Number.isInteger(up) || !Number.isInteger(left) || Math.abs(up) >= height || Math.abs(left) >= width)
      throw new OptionError(
        `A view must be moved by whole pixels, fewer than images of ${height}×${width} have, not by ${up} up and ${left} left.`,
      );
    if (!(weight > 0 && weight <= 1))
      throw new OptionError(`The weight of a view must be above 0 and at most 1, not ${weight}.`);
  }
}

/** @returns the images as a view has them */
export function looked<T extends Uint8Array | Float32Array>(
  images: T,
  [height, width, channels]: Size,
  { up, left, mirrored }: View,
): T {
  const result = images.slice() as T;
  const values = height * width * channels;
  const columns = Array.from({ length: width }, (_, x) => {
    const from = reflected(x + left, width);
    return (mirrored ? width - 1 - from : from) * channels;
  });
  for (let image = 0; image < images.length; image += values) {
    for (let y = 0; y < height; y++) {
      const source = image + reflected(y + up, height) * width * channels;
      let target = image + y * width * channels;
      for (const column of columns)
        for (let c = 0; c < channels; c++) result[target++] = images[source + column + c]!;
    }
  }
  return result;
}

/** Mirrored at the border pixel, which is not repeated. */
function reflected(at: number, extent: number): number {
  if (at < 0) return -at;
  return at < extent ? at : 2 * (extent - 1) - at;
}

/** The softmax of each row. */
function probabilitiesOf(rows: Float64Array, classes: number): Float32Array {
  const result = new Float32Array(rows.length);
  for (let begin = 0; begin < rows.length; begin += classes) {
    const row = rows.subarray(begin, begin + classes);
    const most = Math.max(...row);
    const powers = row.map((value) => exp(value - most));
    const sum = powers.reduce((a, b) => a + b);
    powers.forEach((power, i) => (result[begin + i] = power / sum));
  }
  return result;
}
