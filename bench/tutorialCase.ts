/** What is measured: the tutorial's network, which begins with fresh weights and is trained as it would be for real. */
import { cores } from '#platform';
import { buildNetwork, type Network } from '../src/nn/network.ts';
import { adam } from '../src/nn/optimizers/adam.ts';
import { initializeParameters, tensorsIn } from '../src/nn/parameters.ts';
import type { Session } from '../src/nn/session.ts';
import { tutorialNetwork } from '../src/networks/tutorial.ts';
import type { Tier } from '../src/engine/tier.ts';
import { batch } from './imageSet.ts';
import type { Prediction } from './peers/onnxSession.ts';
import type { Subject, TrainedState } from './profile.ts';
import { networkSession, predictBatch, trainBatch } from './networkCase.ts';

/** Images in a batch, where nothing else is said: what the tutorial's training uses. */
export const BATCH = 64;

export const network = buildNetwork(tutorialNetwork());
export const weights = tensorsIn(network, initializeParameters(network, 0));

/** A session that trains the network, or another one of the same input. */
export async function createSession(
  tier: Tier | 'auto',
  threads: number,
  size = BATCH,
  of: Network = network,
): Promise<Session> {
  return networkSession(of, { tier, threads, batch: size, optimizer: adam() });
}

/** The network on the first batches, for runtimes that only predict. */
export function tutorialPrediction(size: number, batches: number): Prediction {
  return { network, weights, batches: Array.from({ length: batches }, (_, index) => batch(index, size)) };
}

/** How many batches each session has been trained on. */
const trained = new WeakMap<Session, number>();

/**
 * `steps` training steps, asked for ahead as the training loop does. They go on where the last ones stopped: how much
 * there is to do depends on the gradients, and a network that only ever sees a few images soon has hardly any.
 * @returns the mean loss of each
 */
export async function trainSteps(session: Session, steps: number, size = BATCH): Promise<number[]> {
  const begin = trained.get(session) ?? 0;
  trained.set(session, begin + steps);
  return Promise.all(
    Array.from({ length: steps }, (_, step) => trainBatch(session, batch(begin + step, size))),
  );
}

/** Steps after which the share of gradients that are zero is that of a training, which the first steps' is not. */
const SETTLED_STEPS = 200;

/** A step of the tutorial's network, or of it with other algorithms, in the midst of a training. */
export async function tutorialSubject(of: Network = network): Promise<Subject> {
  return {
    network: of,
    batch: BATCH,
    optimizer: adam(),
    state: await settledState(),
    images: (step) => batch(step, BATCH),
  };
}

let settled: Promise<TrainedState> | undefined;

/** The tutorial's network in the midst of a training. Trained at the first call, then kept. */
export function settledState(): Promise<TrainedState> {
  return (settled ??= (async () => {
    const session = await createSession('auto', cores());
    await trainSteps(session, SETTLED_STEPS);
    await session.fetch();
    const state = { parameters: session.readParameters(), optimizer: session.readOptimizerState() };
    await session.dispose();
    return state;
  })());
}

/** Brings a session of the tutorial's network into the midst of a training. */
export async function settle(session: Session): Promise<void> {
  const { parameters, optimizer } = await settledState();
  session.writeParameters(parameters);
  session.writeOptimizerState(optimizer);
}

/** Predictions for `batches` batches, [size, classes] each. */
export async function predictBatches(
  session: Session,
  batches: number,
  size = BATCH,
): Promise<Float32Array[]> {
  return Promise.all(
    Array.from({ length: batches }, (_, index) => predictBatch(session, batch(index, size))),
  );
}
