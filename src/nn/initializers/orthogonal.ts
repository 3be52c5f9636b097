import { OptionError } from '../../errors.ts';
import { normals } from '../../random.ts';
import { finite } from '../numberOptions.ts';
import {
  nameAndSeed,
  onlyKnown,
  type InitializerConfig,
  type InitializerDefinition,
  type SeedOptions,
} from './initializer.ts';

export interface OrthogonalConfig extends InitializerConfig {
  readonly name: 'orthogonal';
  readonly gain: number;
}

/**
 * A random orthogonal matrix (Saxe et al. 2014), times gain, 1 by default. Of a weight with more than two dimensions
 * all but the last are taken together; rows are orthogonal if there are fewer than columns, else columns.
 * @throws OptionError
 */
export function orthogonal(options: SeedOptions & { gain?: number } = {}): OrthogonalConfig {
  onlyKnown('orthogonal', options, ['gain', 'seed']);
  const { gain = 1 } = options;
  return { ...nameAndSeed('orthogonal', options), gain: finite('orthogonal', 'gain', gain) };
}

export const orthogonalDefinition: InitializerDefinition<OrthogonalConfig> = {
  name: 'orthogonal',
  configure: orthogonal,
  fill({ gain }, values, shape, _fans, random) {
    if (shape.length < 2) {
      throw new OptionError(
        `orthogonal needs at least two dimensions, not [${shape.join(', ')}]; take another initializer.`,
      );
    }
    const columns = shape.at(-1)!;
    const rows = values.length / columns;
    const count = Math.min(rows, columns);
    const normal = normals(random);
    const vectors = Array.from({ length: count }, () => new Float64Array(Math.max(rows, columns)));
    // Drawn as the rows of a matrix that is at least as high as wide, which the vectors are the columns of.
    for (let i = 0; i < Math.max(rows, columns); i++) for (const vector of vectors) vector[i] = normal();
    orthonormalize(vectors);
    const [alongVector, acrossVectors] = rows < columns ? [1, columns] : [columns, 1];
    vectors.forEach((vector, j) => {
      vector.forEach((value, i) => (values[i * alongVector + j * acrossVectors] = gain * value));
    });
  },
};

/**
 * Modified Gram–Schmidt, in place. This is Q of the QR decomposition in which the diagonal of R is positive, which makes
 * all orthogonal matrices as likely (Mezzadri 2007).
 */
export function orthonormalize(vectors: readonly Float64Array[]): void {
  vectors.forEach((vector, j) => {
    let before = dot(vector, vector);
    let left = withoutParts(vector, vectors, j);
    // Where most of a vector was taken away, rounding shows in what is left; once more, and it does not.
    while (left < before / 2) {
      before = left;
      left = withoutParts(vector, vectors, j);
    }
    const length = Math.sqrt(left);
    for (let i = 0; i < vector.length; i++) vector[i]! /= length;
  });
}

/** Takes from a vector its parts along the first `count` others, and gives the square of the length that it has left. */
function withoutParts(vector: Float64Array, others: readonly Float64Array[], count: number): number {
  for (let k = 0; k < count; k++) {
    const other = others[k]!;
    const projection = dot(vector, other);
    for (let i = 0; i < vector.length; i++) vector[i]! -= projection * other[i]!;
  }
  return dot(vector, vector);
}

/** In four sums, which a processor adds side by side. */
function dot(a: Float64Array, b: Float64Array): number {
  let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 3 < a.length; i += 4) {
    sum0 += a[i]! * b[i]!;
    sum1 += a[i + 1]! * b[i + 1]!;
    sum2 += a[i + 2]! * b[i + 2]!;
    sum3 += a[i + 3]! * b[i + 3]!;
  }
  for (; i < a.length; i++) sum0 += a[i]! * b[i]!;
  return sum0 + sum1 + (sum2 + sum3);
}
