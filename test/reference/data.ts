/** Numbers to test with: the same on every run. */
import { randomStream } from '../../src/random.ts';

/** Uniform float32 in [low, high). */
export function uniform(name: string, length: number, low = -1, high = 1): Float32Array {
  const random = randomStream(1, name);
  return Float32Array.from({ length }, () => low + (high - low) * random.uniform());
}

/**
 * Integers in [−4, 4]. Sums of fewer than 2^20 products of them are exact in float32, in any order: what is computed
 * from them must equal the reference to the last bit.
 */
export function integers(name: string, length: number): Float32Array {
  const random = randomStream(2, name);
  return Float32Array.from({ length }, () => random.below(9) - 4);
}

/** Uniform bytes. */
export function bytes(name: string, length: number, bound = 256): Uint8Array {
  const random = randomStream(3, name);
  return Uint8Array.from({ length }, () => random.below(bound));
}
