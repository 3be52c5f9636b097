/** What every peer looks like from outside, and how its results are checked before it is timed. */

export interface PeerOptions {
  readonly threads: number;
  /** Images in a batch. */
  readonly batch: number;
  /** The most batches that are predicted at once. */
  readonly batches: number;
}

/** Hands out the next of some batches each time: who trains goes through all images, as simdnet does. */
export function inTurn<T>(batches: readonly T[]): (count: number) => T[] {
  let next = 0;
  return (count) => Array.from({ length: count }, () => batches[next++ % batches.length]!);
}

export interface Peer {
  /** Probabilities, [batch, classes], for the first `batches` batches. */
  readonly predict?: (batches: number) => Promise<Float32Array[]>;
  /** As many training steps with Adam, each on the next batch. @returns the mean loss of each */
  readonly train?: (batches: number) => Promise<number[]>;
  close(): Promise<void>;
}

/** A peer whose probabilities or losses are further off than this computes something else. */
export const TOLERANCE = 1e-4;

/** @throws Error if the probabilities of the first batch differ */
export function checkProbabilities(
  name: string,
  found: readonly Float32Array[],
  expected: readonly Float32Array[],
): void {
  const [theirs, ours] = [found[0]!, expected[0]!];
  check(`${name}: probabilities`, theirs, ours);
}

/** Losses from the second step on tell whether the gradients and the optimiser are right. @throws Error if they differ */
export function checkLosses(name: string, found: readonly number[], expected: readonly number[]): void {
  check(`${name}: losses of ${found.length} steps`, found, expected);
}

function check(what: string, found: ArrayLike<number>, expected: ArrayLike<number>): void {
  if (found.length !== expected.length) throw new Error(`${what}: ${found.length}, not ${expected.length}`);
  let worst = 0;
  for (let i = 0; i < found.length; i++) {
    const off = Math.abs(found[i]! - expected[i]!);
    worst = off <= worst ? worst : off;
  }
  if (!(worst <= TOLERANCE)) throw new Error(`${what} are off by ${worst.toPrecision(3)}: nothing was timed`);
}
