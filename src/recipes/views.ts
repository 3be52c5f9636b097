/** Test-time augmentation: images are looked at several times, a little shifted or mirrored, and what the model says is averaged. */
import type { Model } from '../training/model.ts';
import type { Tensor } from '../nn/parameters.ts';

/** One look. */
export interface View {
  /** By how many pixels the image is moved up and to the left; what is missing is mirrored at its border. */
  readonly up: number;
  readonly left: number;
  /** Whether it is mirrored, left to right, first. */
  readonly mirrored: boolean;
  /** What it counts; all together 1. */
  readonly weight: number;
}

/** As it is and mirrored: together as much as moved by a pixel in both directions, each mirrored too. */
export const SIX_VIEWS: readonly View[] = [0, 1, -1].flatMap((by) =>
  [false, true].map((mirrored) => ({ up: by, left: by, mirrored, weight: by === 0 ? 1 / 4 : 1 / 8 })),
);

/** Images are looked at so many at a time. */
const CHUNK = 1000;

/** The least probability that counts, so that logarithms are finite. */
const LEAST = 1e-30;

/** [height, width, channels] */
type Size = readonly [height: number, width: number, channels: number];

/**
 * The probabilities of a classifier, averaged over views by their logarithms, which ranks classes as the mean of the logits does.
 * @param images  [count, height, width, channels]
 * @returns [count, classes]
 */
export async function predictViews(
  model: Model,
  images: Uint8Array | Float32Array,
  views: readonly View[],
  options: { readonly batchSize: number },
): Promise<Tensor> {
  const size = model.network.inputShape;
  const values = size[0] * size[1] * size[2];
  const classes = model.network.outputShape[0]!;
  const count = images.length / values;
  const data = new Float32Array(count * classes);
  for (let begin = 0; begin < count; begin += CHUNK) {
    const chunk = images.subarray(begin * values, Math.min(begin + CHUNK, count) * values);
    const sums = new Float64Array((chunk.length / values) * classes);
    for (const view of views) {
      const { data: seen } = await model.predict(looked(chunk, size, view), options);
      seen.forEach((probability, i) => (sums[i]! += view.weight * Math.log(Math.max(probability, LEAST))));
    }
    data.set(normalized(sums, classes), begin * classes);
  }
  return { shape: [count, classes], data };
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
function normalized(rows: Float64Array, classes: number): Float32Array {
  const result = new Float32Array(rows.length);
  for (let begin = 0; begin < rows.length; begin += classes) {
    const row = rows.subarray(begin, begin + classes);
    const most = Math.max(...row);
    const powers = row.map((value) => Math.exp(value - most));
    const sum = powers.reduce((a, b) => a + b);
    result.set(
      Float32Array.from(powers, (power) => power / sum),
      begin,
    );
  }
  return result;
}
