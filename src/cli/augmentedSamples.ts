/** What training would make of images, to look at. */
import type { Dataset } from '../data/dataset.ts';
import { configureLoss } from '../nn/losses/registry.ts';
import { buildNetwork } from '../nn/network.ts';
import { augmented } from '../nn/augmented.ts';
import { objectiveOf } from '../nn/objective.ts';
import { sgd } from '../nn/optimizers/sgd.ts';
import { Session } from '../nn/session.ts';
import { flatten, type LayerSpec } from '../nn/spec.ts';

/**
 * For each image a row of so many: itself, and what is made of it in one epoch after the other. Each of them is the next one's
 * neighbour in the batch.
 * @param images  a number of images of the dataset, of which each is of another class if rows are to be told apart
 */
export async function augmentedSamples(
  set: Dataset,
  images: readonly number[],
  columns: number,
  { augment, seed }: { readonly augment: readonly LayerSpec[]; readonly seed: number },
): Promise<Dataset> {
  const { height, width, channels } = set;
  const size = height * width * channels;
  const network = buildNetwork([flatten({ inputShape: [height, width, channels] })]);
  const objective = objectiveOf({
    loss: configureLoss('meanSquaredError'),
    metrics: [],
    layout: 'values',
    weighted: false,
    outputShape: network.outputShape,
  });
  const session = await Session.create(augmented(network, augment), {
    tier: 'simd',
    threads: 0,
    batch: images.length,
    seed,
    objective,
    optimizer: sgd(),
  });
  const changed = new Uint8ClampedArray(images.length * columns * size);
  for (let column = 0; column < columns; column++) {
    session.writeOptimizerState({ variables: [], steps: column });
    const { output } = await session.differentiate(images.length, 'uint8', (target) => {
      images.forEach((image, i) => {
        target.images.set(set.images.subarray(image * size, (image + 1) * size), i * size);
        target.examples.set([image, column], 2 * i);
      });
    });
    images.forEach((image, i) => {
      const at = (i * columns + column) * size;
      if (column === 0) changed.set(set.images.subarray(image * size, (image + 1) * size), at);
      else
        changed.set(
          output.subarray(i * size, (i + 1) * size).map((value) => value * 255),
          at,
        );
    });
  }
  await session.dispose();
  const labels = Uint8Array.from({ length: images.length * columns }, (_, i) => {
    return set.labels[images[Math.floor(i / columns)]!]!;
  });
  return { ...set, images: new Uint8Array(changed.buffer), labels, count: labels.length };
}
