/**
 * A dataset that needs no download: ten shapes of random colour, size, place and angle on textured backgrounds, in the
 * form of CIFAR-10. A small convolutional network learns it within a minute, and a classifier that looks at pixels one
 * by one does not. The same seed gives the same bytes in every JavaScript engine.
 */
import { OptionError } from '../errors.ts';
import { randomStream, shuffle } from '../random.ts';
import type { Dataset, TrainTestSplit } from './dataset.ts';
import { outlines } from './shapes/outlines.ts';
import { renderShape, shapesChannels, shapesSide } from './shapes/render.ts';

/** The class of each label, by index. */
export const shapesClassNames: readonly string[] = outlines.map(({ name }) => name);

export interface ShapesOptions {
  /** Any integer. */
  readonly seed: number;
  /** How many training images. Default 5,000. */
  readonly trainCount?: number | undefined;
  /** How many test images. Default 1,000. */
  readonly testCount?: number | undefined;
}

/**
 * Draws training and test images [count, 32, 32, 3], each class as often as the others (within one), in random order.
 * Either part stays the same when the size of the other changes.
 *
 * @throws OptionError if the seed is not an integer, or a count is not a positive integer.
 */
export function generateShapes({
  seed,
  trainCount = 5_000,
  testCount = 1_000,
}: ShapesOptions): TrainTestSplit {
  if (!Number.isSafeInteger(seed)) throw new OptionError(`seed must be an integer, not ${seed}`);
  return {
    train: generatePart(seed, 'train', trainCount),
    test: generatePart(seed, 'test', testCount),
  };
}

function generatePart(seed: number, part: 'train' | 'test', count: number): Dataset<Uint8Array> {
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new OptionError(`${part}Count must be a positive integer, not ${count}`);
  }
  const order = Uint32Array.from({ length: count }, (_, i) => i % shapesClassNames.length);
  shuffle(order, randomStream(seed, `shapes/${part}/labels`));
  const random = randomStream(seed, `shapes/${part}/images`);
  const imageBytes = shapesSide * shapesSide * shapesChannels;
  const images = new Uint8Array(count * imageBytes);
  order.forEach((label, i) => {
    renderShape(label, random, images, i * imageBytes);
  });
  return {
    images,
    labels: Uint8Array.from(order),
    count,
    height: shapesSide,
    width: shapesSide,
    channels: shapesChannels,
    classNames: shapesClassNames,
  };
}
