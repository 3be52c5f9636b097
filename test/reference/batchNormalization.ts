/**
 * Batch normalization in float64, written to be read. Tensors are [pixels, channels], a batch's images one after the other;
 * vectors are [channels].
 */

/** Of each channel: how many values, their mean and the sum of squared deviations from it. */
export interface Moments {
  readonly count: number;
  readonly means: Float64Array;
  readonly deviations: Float64Array;
}

/** The values of one channel. */
export function channelOf(values: ArrayLike<number>, channels: number, channel: number): number[] {
  const result: number[] = [];
  for (let i = channel; i < values.length; i += channels) result.push(values[i]!);
  return result;
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** One number of each channel. */
export function perChannel(channels: number, compute: (channel: number) => number): Float64Array {
  return Float64Array.from({ length: channels }, (_, channel) => compute(channel));
}

export function moments(values: ArrayLike<number>, channels: number): Moments {
  const count = values.length / channels;
  const means = perChannel(channels, (c) => sum(channelOf(values, channels, c)) / count);
  const deviations = perChannel(channels, (c) =>
    sum(channelOf(values, channels, c).map((value) => (value - means[c]!) ** 2)),
  );
  return { count, means, deviations };
}

/** Σ dOutput and Σ dOutput · (input − mean) · inverse of each channel. */
export function gradientSums(
  dOutput: ArrayLike<number>,
  input: ArrayLike<number>,
  mean: ArrayLike<number>,
  inverse: ArrayLike<number>,
): { readonly sums: Float64Array; readonly products: Float64Array } {
  const channels = mean.length;
  const sums = perChannel(channels, (c) => sum(channelOf(dOutput, channels, c)));
  const products = perChannel(channels, (c) => {
    const values = channelOf(input, channels, c);
    return sum(channelOf(dOutput, channels, c).map((d, i) => d * (values[i]! - mean[c]!) * inverse[c]!));
  });
  return { sums, products };
}

/** The gradient with respect to the input of gamma · (input − mean) · inverse + beta, where mean and inverse depend on the input. */
export function inputGradient(
  dOutput: ArrayLike<number>,
  input: ArrayLike<number>,
  mean: ArrayLike<number>,
  inverse: ArrayLike<number>,
  gamma: ArrayLike<number>,
): Float64Array {
  const channels = mean.length;
  const count = input.length / channels;
  const { sums, products } = gradientSums(dOutput, input, mean, inverse);
  return Float64Array.from(input, (value, i) => {
    const c = i % channels;
    const normalized = (value - mean[c]!) * inverse[c]!;
    const centered = dOutput[i]! - sums[c]! / count - (normalized * products[c]!) / count;
    return gamma[c]! * inverse[c]! * centered;
  });
}
