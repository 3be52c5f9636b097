/** Networks that tell classes apart: their objective, and what a batch comes to. */
import type { Network } from '../../src/nn/network.ts';
import { sparseCategoricalCrossentropy } from '../../src/nn/losses/categoricalCrossentropy.ts';
import { LOSS, objectiveOf, REGULARIZATION, type Objective } from '../../src/nn/objective.ts';
import type { BatchResults, BatchTarget, Pixels } from '../../src/nn/session.ts';

/** The cross-entropy of class indices and their accuracy; a network without a softmax at its end puts out logits. */
export function classification(network: Network): Objective {
  const last = network.specs.at(-1)!;
  const fromLogits = !('activation' in last && last.activation === 'softmax');
  return objectiveOf({
    loss: sparseCategoricalCrossentropy({ fromLogits }),
    metrics: [{ name: 'accuracy' }],
    layout: 'classes',
    weighted: false,
    outputShape: network.outputShape,
  });
}

export interface Metrics {
  /** Sums over the images. */
  readonly loss: number;
  readonly correct: number;
  readonly count: number;
}

export function metricsOf({ sums, count }: BatchResults): Metrics {
  return { loss: sums[LOSS]!, correct: sums[REGULARIZATION + 1]!, count };
}

/** Fills batches with the first of these images and classes. */
export function fillWith(
  images: ArrayLike<number> & { subarray(begin: number, end: number): ArrayLike<number> },
  classes: ArrayLike<number>,
): (target: BatchTarget<Pixels>) => void {
  return (target) => {
    target.images.set(images.subarray(0, target.images.length));
    target.classes.set(Array.from(classes).slice(0, target.classes.length));
  };
}
