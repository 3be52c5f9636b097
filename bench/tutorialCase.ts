/** What is measured: the tutorial's network with fresh weights, on batches of made images. */
import { buildNetwork, type Network } from '../src/nn/network.ts';
import { adam } from '../src/nn/optimizer.ts';
import { initializeParameters, tensorsIn } from '../src/nn/parameters.ts';
import { Session } from '../src/nn/session.ts';
import { generateShapes } from '../src/data/shapes.ts';
import { tutorialNetwork } from '../src/training/tutorial.ts';
import type { Tier } from '../src/engine/tier.ts';

/** Images in a batch, where nothing else is said: what the tutorial's training uses. */
export const BATCH = 64;

export const network = buildNetwork(tutorialNetwork());
export const weights = tensorsIn(network, initializeParameters(network, 0));

/** A multiple of every batch size that is measured. */
const IMAGES = 1024;

const { train } = generateShapes({ seed: 0, trainCount: IMAGES, testCount: 1 });

export interface Batch {
  /** [size, height, width, channels] */
  readonly images: Uint8Array;
  /** [size] */
  readonly labels: Uint8Array;
}

/** Batch number `index` of `size` images, a power of two up to 1,024. They repeat when all have had their turn. */
export function batch(index: number, size = BATCH): Batch {
  const begin = (index * size) % train.count;
  const bytes = train.height * train.width * train.channels;
  return {
    images: train.images.subarray(begin * bytes, (begin + size) * bytes),
    labels: train.labels.subarray(begin, begin + size),
  };
}

/** A session that trains the network, or another one of the same input. */
export async function createSession(
  tier: Tier | 'auto',
  threads: number,
  size = BATCH,
  of: Network = network,
): Promise<Session> {
  const session = await Session.create(of, { tier, threads, batch: size, optimizer: adam() });
  session.writeParameters(initializeParameters(of, 0));
  return session;
}

/** `steps` training steps, asked for ahead as the training loop does. @returns the mean loss of each */
export async function trainSteps(session: Session, steps: number, size = BATCH): Promise<number[]> {
  const results = await Promise.all(
    Array.from({ length: steps }, (_, step) => {
      const { images, labels } = batch(step, size);
      return session.train(size, 'uint8', (toImages, toLabels) => {
        toImages.set(images);
        toLabels.set(labels);
      });
    }),
  );
  return results.map(({ loss, count }) => loss / count);
}

/** Predictions for `batches` batches, [size, classes] each. */
export async function predictBatches(
  session: Session,
  batches: number,
  size = BATCH,
): Promise<Float32Array[]> {
  return Promise.all(
    Array.from({ length: batches }, (_, index) =>
      session.predict(size, 'uint8', (images) => {
        images.set(batch(index, size).images);
      }),
    ),
  );
}
