/** The distributions that initializers draw from, each value rounded to float32 at the end. */
import { normals, type RandomStream } from '../../random.ts';

/** Between ±limit. */
export function fillSymmetric(values: Float32Array, limit: number, random: RandomStream): void {
  for (let i = 0; i < values.length; i++) values[i] = (2 * random.uniform() - 1) * limit;
}

/** Between two numbers. */
export function fillUniform(values: Float32Array, least: number, most: number, random: RandomStream): void {
  for (let i = 0; i < values.length; i++) values[i] = least + (most - least) * random.uniform();
}

export function fillNormal(values: Float32Array, mean: number, stddev: number, random: RandomStream): void {
  const normal = normals(random);
  for (let i = 0; i < values.length; i++) values[i] = mean + stddev * normal();
}

/** Normal, but what is more than two `stddev` from the mean is drawn again. */
export function fillTruncatedNormal(
  values: Float32Array,
  mean: number,
  stddev: number,
  random: RandomStream,
): void {
  const normal = normals(random);
  for (let i = 0; i < values.length; i++) {
    let draw = normal();
    while (Math.abs(draw) > 2) draw = normal();
    values[i] = mean + stddev * draw;
  }
}
