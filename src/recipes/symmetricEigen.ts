/** Eigenvalues and eigenvectors of a small symmetric matrix, by Jacobi's rotations (Golub & Van Loan, 8.5). */

export interface Eigenpair {
  readonly value: number;
  /** Of length 1; its largest component is above 0. */
  readonly vector: readonly number[];
}

/** More are never needed: each sweep squares what is left. */
const MOST_SWEEPS = 64;

/**
 * Of nothing but additions, products, quotients and square roots in float64, so that it is the same in every JavaScript engine.
 * @param matrix  [n, n], row-major, symmetric
 * @returns the pairs, largest value first
 */
export function symmetricEigen(matrix: readonly number[], n: number): Eigenpair[] {
  const a = Float64Array.from(matrix);
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  for (let sweep = 0; sweep < MOST_SWEEPS && !isDiagonal(a, n); sweep++) {
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) rotate(a, vectors, n, p, q);
  }
  return Array.from({ length: n }, (_, i) => ({
    value: a[i * n + i]!,
    vector: pointed(Array.from({ length: n }, (_, row) => vectors[row * n + i]!)),
  })).sort((one, other) => other.value - one.value);
}

/** Whether what is beside the diagonal no longer counts in float64. */
function isDiagonal(a: Float64Array, n: number): boolean {
  let [beside, on] = [0, 0];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const square = a[i * n + j]! * a[i * n + j]!;
      if (i === j) on += square;
      else beside += square;
    }
  }
  return beside <= Number.EPSILON * Number.EPSILON * on;
}

/** Makes a[p, q] zero. */
function rotate(a: Float64Array, vectors: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q]!;
  if (apq === 0) return;
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < n; k++) turn(a, k * n + p, k * n + q, c, s);
  for (let k = 0; k < n; k++) turn(a, p * n + k, q * n + k, c, s);
  for (let k = 0; k < n; k++) turn(vectors, k * n + p, k * n + q, c, s);
}

function turn(values: Float64Array, i: number, j: number, c: number, s: number): void {
  const [x, y] = [values[i]!, values[j]!];
  values[i] = c * x - s * y;
  values[j] = s * x + c * y;
}

/** The same direction whichever of the two the rotations came to. */
function pointed(vector: readonly number[]): number[] {
  const largest = vector.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
  return vector.map((value) => (largest < 0 ? -value : value));
}
