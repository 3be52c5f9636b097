/**
 * How far a float32 result may be from the float64 truth. All tolerances of the kernel and network tests come from here.
 *
 * A sum of n terms that is rounded at most n times obeys |error| ≤ γ_n · Σ|term| with γ_n = n·u / (1 − n·u), whatever
 * the order and whether or not multiplications are fused (Higham, Accuracy and Stability of Numerical Algorithms, §3.1).
 * For long sums that is far too lenient: it could hide a term that is missing. Roundings behave like independent
 * errors of mean zero, for which |error| ≤ λ·√n·u · Σ|term| but with probability 2·exp(−λ²/2) (Higham & Mary 2019,
 * "A new approach to probabilistic rounding error analysis"). With λ = 6 that is 3e-8, and the tests' numbers are
 * always the same. Take the smaller of both.
 *
 * Σ|term| needs no code of its own: it is the reference applied to absolute values.
 */

/** Half the distance from 1 to the next float32: what one rounding can do. */
const UNIT_ROUNDOFF = 2 ** -24;

/** The smallest float32 above zero: results this small are no longer relatively exact. */
const SMALLEST = 2 ** -149;

const LAMBDA = 6;

/** What `roundings` roundings in a row can do to a sum, relative to the sum of its terms' absolute values. */
export function growth(roundings: number): number {
  const accumulated = roundings * UNIT_ROUNDOFF;
  return Math.min(accumulated / (1 - accumulated), LAMBDA * Math.sqrt(roundings) * UNIT_ROUNDOFF);
}

/** The tolerance of a sum. @param magnitude  the sum of its terms' absolute values */
export function sumTolerance(roundings: number, magnitude: number): number {
  return growth(roundings) * magnitude + roundings * SMALLEST;
}

/** {@link sumTolerance} for each of many sums of the same length. */
export function sumTolerances(roundings: number, magnitudes: Float64Array): Float64Array {
  return magnitudes.map((magnitude) => sumTolerance(roundings, magnitude));
}

/** Absolute values, to compute Σ|term| from. */
export function magnitudes(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values, Math.abs);
}

/**
 * Asserts |actual − expected| ≤ tolerance for each element; NaN is never close to anything.
 * @throws Error that names the element which is furthest beyond
 */
export function expectWithin(
  what: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: ArrayLike<number>,
): void {
  if (actual.length !== expected.length || tolerance.length !== expected.length) {
    throw new Error(
      `${what}: ${actual.length} values, ${expected.length} expected, ${tolerance.length} tolerances`,
    );
  }
  let worst = -1;
  let worstExcess = 0;
  for (let i = 0; i < expected.length; i++) {
    const excess = Math.abs(actual[i]! - expected[i]!) - tolerance[i]!;
    if (!(excess <= worstExcess)) {
      worst = i;
      worstExcess = excess;
      if (Number.isNaN(excess)) break;
    }
  }
  if (worst >= 0) {
    throw new Error(
      `${what}[${worst}] is ${actual[worst]}, expected ${expected[worst]} ± ${tolerance[worst]} (${expected.length} values)`,
    );
  }
}

/** Asserts equality of each element; 0 and −0 are equal, NaN equals nothing. */
export function expectEqual(what: string, actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expectWithin(what, actual, expected, new Float64Array(expected.length));
}
