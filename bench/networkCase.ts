/** Any network as it is measured: with fresh weights, the loss of a classification, and batches of images. */
import type { Tier } from '../src/engine/tier.ts';
import { configureLoss } from '../src/nn/losses/registry.ts';
import { configureMetric } from '../src/nn/metrics/registry.ts';
import type { Network } from '../src/nn/network.ts';
import { LOSS, objectiveOf, type Objective } from '../src/nn/objective.ts';
import type { OptimizerConfig } from '../src/nn/optimizers/optimizer.ts';
import { initializeParameters } from '../src/nn/parameters.ts';
import { Session } from '../src/nn/session.ts';
import { size } from '../src/nn/shape.ts';
import { randomStream } from '../src/random.ts';
import type { Batch } from './imageSet.ts';

/** What `compile` would make of a classification: cross-entropy and accuracy of class indices. */
export function classification({ outputShape }: Network): Objective {
  return objectiveOf({
    loss: configureLoss('sparseCategoricalCrossentropy'),
    metrics: [configureMetric('accuracy')],
    layout: 'classes',
    weighted: false,
    outputShape,
  });
}

/** A session that trains a network, with the weights of seed 0. */
export async function networkSession(
  network: Network,
  options: {
    readonly tier: Tier | 'auto';
    readonly threads: number;
    readonly batch: number;
    readonly optimizer: OptimizerConfig;
  },
): Promise<Session> {
  const session = await Session.create(network, { ...options, objective: classification(network) });
  session.writeParameters(initializeParameters(network, 0));
  return session;
}

/** One training step on a batch. @returns its mean loss */
export async function trainBatch(session: Session, { images, labels }: Batch): Promise<number> {
  const { sums, count } = await session.train(labels.length, 'uint8', (to) => {
    to.images.set(images);
    to.classes.set(labels);
  });
  return sums[LOSS]! / count;
}

/** Predictions for a batch, [count, classes]. */
export async function predictBatch(session: Session, { images, labels }: Batch): Promise<Float32Array> {
  return session.predict(labels.length, 'uint8', (to) => {
    to.images.set(images);
  });
}

/** Batches of random bytes for a network, and random classes. */
export function randomBatches(network: Network, batch: number, batches: number): Batch[] {
  const random = randomStream(0, 'images');
  const draw = (length: number, below: number): Uint8Array =>
    Uint8Array.from({ length }, () => random.below(below));
  const classes = Math.min(256, size(network.outputShape));
  return Array.from({ length: batches }, () => ({
    images: draw(batch * size(network.inputShape), 256),
    labels: draw(batch, classes),
  }));
}
