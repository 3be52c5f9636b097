import { expect, it } from 'vitest';
import { randomStream } from '../../src/random.ts';
import { symmetricEigen } from '../../src/recipes/symmetricEigen.ts';

function symmetric(n: number, seed: number): number[] {
  const stream = randomStream(seed, 'matrix');
  const a = Array.from({ length: n * n }, () => stream.uniform() * 2 - 1);
  return a.map((value, i) => value + a[(i % n) * n + Math.floor(i / n)]!);
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

it.each([1, 2, 3, 12, 27])('solves a random matrix of %i rows', (n) => {
  const matrix = symmetric(n, n);
  const pairs = symmetricEigen(matrix, n);
  const norm = Math.sqrt(dot(matrix, matrix));
  // Jacobi's method is backward stable: some n rotations of each row, each of a rounding of the norm.
  const tolerance = 32 * n * Number.EPSILON * norm;
  pairs.forEach(({ value, vector }, i) => {
    for (let row = 0; row < n; row++) {
      const image = dot(matrix.slice(row * n, (row + 1) * n), vector);
      expect(Math.abs(image - value * vector[row]!)).toBeLessThanOrEqual(tolerance);
    }
    pairs.forEach((other, j) => {
      expect(Math.abs(dot(vector, other.vector) - (i === j ? 1 : 0))).toBeLessThanOrEqual(
        32 * n * Number.EPSILON,
      );
    });
    expect(value).toBeLessThanOrEqual(pairs[i - 1]?.value ?? Infinity);
    expect(Math.max(...vector)).toBe(Math.max(...vector.map(Math.abs)));
  });
});

it('knows what is known', () => {
  const [larger, smaller] = symmetricEigen([2, 1, 1, 2], 2);
  expect(larger!.value).toBeCloseTo(3, 14);
  expect(smaller!.value).toBeCloseTo(1, 14);
  expect(symmetricEigen([1, 0, 0, 5], 2)).toEqual([
    { value: 5, vector: [0, 1] },
    { value: 1, vector: [1, 0] },
  ]);
  expect(symmetricEigen([0, 0, 0, 0], 2).map(({ value }) => value)).toEqual([0, 0]);
});
