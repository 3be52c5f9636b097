/** What is measured: the tutorial's network with fresh weights, on batches of made images. */
import { buildNetwork } from '../src/nn/network.ts';
import { adam } from '../src/nn/optimizer.ts';
import { initializeParameters, tensorsIn } from '../src/nn/parameters.ts';
import { Session } from '../src/nn/session.ts';
import { generateShapes } from '../src/data/shapes.ts';
import { tutorialNetwork } from '../src/training/tutorial.ts';
import type { Tier } from '../src/engine/tier.ts';

export const BATCH = 64;

export const network = buildNetwork(tutorialNetwork());
const parameters = initializeParameters(network, 0);
export const weights = tensorsIn(network, parameters);

const { train } = generateShapes({ seed: 0, trainCount: 640, testCount: 1 });

/** The bytes and labels of batch number `index`, NHWC. */
export function batch(index: number): { images: Uint8Array; labels: Uint8Array } {
  const begin = (index * BATCH) % train.count;
  const size = train.height * train.width * train.channels;
  return {
    images: train.images.subarray(begin * size, (begin + BATCH) * size),
    labels: train.labels.subarray(begin, begin + BATCH),
  };
}

/** A session that trains the network. */
export async function createSession(tier: Tier | 'auto', threads: number): Promise<Session> {
  const session = await Session.create(network, { tier, threads, batch: BATCH, optimizer: adam() });
  session.writeParameters(parameters);
  return session;
}

/** `steps` training steps, asked for ahead as the training loop does. */
export async function trainSteps(session: Session, steps: number): Promise<void> {
  await Promise.all(
    Array.from({ length: steps }, (_, step) => {
      const { images, labels } = batch(step);
      return session.train(BATCH, 'uint8', (toImages, toLabels) => {
        toImages.set(images);
        toLabels.set(labels);
      });
    }),
  );
}

/** Predictions for `batches` batches. */
export async function predictBatches(session: Session, batches: number): Promise<Float32Array[]> {
  return Promise.all(
    Array.from({ length: batches }, (_, index) =>
      session.predict(BATCH, 'uint8', (images) => {
        images.set(batch(index).images);
      }),
    ),
  );
}
