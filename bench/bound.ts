/** What is left of a training step with the algorithms in use, and so how fast it could be at the most. */
import type { Tier } from '../src/engine/tier.ts';
import type { Program } from '../src/engine/program.ts';
import type { Network } from '../src/nn/network.ts';
import { sgd } from '../src/nn/optimizers/sgd.ts';
import { UPDATE } from '../src/nn/optimizers/registers.ts';
import { planNetwork } from '../src/nn/plan.ts';
import { isSparse } from './density.ts';
import { classification, randomBatches } from './networkCase.ts';
import { profileStep } from './profile.ts';
import { workOf } from './work.ts';

/** Of one image. */
export interface LeastWork {
  /** Operations of the textbook. */
  readonly operations: number;
  /** Operations that are really done in products: all that the roofline of multiply-adds bounds. */
  readonly multiplied: number;
  /** Bytes that calls without products must read and write. */
  readonly bytes: number;
}

/** The share of the gradients that are multiplied where zeros are left out, by the label of the call. */
export type Densities = ReadonlyMap<string, number>;

/** Images in the batches that zeros are counted in: their share does not depend on how many there are. */
const COUNTED = 64;

/** The calls of a training step with plain gradient descent. */
export function stepProgram(network: Network, batch: number): Program {
  const objective = classification(network);
  const options = { start: 2048, batch, threads: 1, slots: 1, objective, optimizer: sgd() };
  return planNetwork(network, options).train(batch, true, UPDATE);
}

/** @param parameters  those of the training as it is now */
export async function countDensities(
  network: Network,
  batch: number,
  parameters: Float32Array,
  tier: Tier,
): Promise<Densities> {
  const count = Math.min(batch, COUNTED);
  if (!stepProgram(network, count).some(({ kernel }) => isSparse(kernel))) return new Map();
  const batches = randomBatches(network, count, 1);
  const subject = {
    network,
    batch: count,
    optimizer: sgd(),
    state: { parameters, optimizer: { variables: [], steps: 0 } },
    images: () => batches[0]!,
  };
  const profiles = await profileStep(subject, tier, { repetitions: 1, warmUp: 0 });
  return new Map(
    profiles.flatMap(({ label, density }) => (density === undefined ? [] : [[label, density] as const])),
  );
}

/** @throws Error for a kernel that is not known, and without the density of a sparse call */
export function leastWork(network: Network, batch: number, densities: Densities): LeastWork {
  const program = stepProgram(network, batch);
  let [operations, multiplied, bytes] = [0, 0, 0];
  for (const label of new Set(program.map((each) => each.label))) {
    const calls = program.filter((each) => each.label === label);
    const work = workOf(network, label, calls, batch, densities.get(label));
    operations += work.operations;
    multiplied += work.multiplied;
    // A product's own bytes are left out: a bound may be too kind, but not too strict.
    if (work.operations === 0) bytes += work.bytes;
  }
  return { operations: operations / batch, multiplied: multiplied / batch, bytes: bytes / batch };
}

/** Textbook operations as a share of the roofline. */
export interface Bound {
  /** With the products at 100 % of what vectors of the build can multiply, and all else for nothing. */
  readonly products: number;
  /** With the bytes besides at 100 % of the bandwidth. */
  readonly withBytes: number;
}

/**
 * @param peak       GFLOP/s of 128-bit multiply-adds
 * @param bandwidth  GB/s
 * @param wide       whether the build's vectors have 256 bits
 */
export function boundOf(work: LeastWork, peak: number, bandwidth: number, wide: boolean): Bound {
  const textbook = work.operations / (peak * 1e9);
  const products = work.multiplied / (peak * 1e9) / (wide ? 2 : 1);
  const moving = work.bytes / (bandwidth * 1e9);
  return { products: textbook / products, withBytes: textbook / (products + moving) };
}
