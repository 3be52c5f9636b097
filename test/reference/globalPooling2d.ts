/** Mean and maximum of each channel over an image in float64, NHWC. */

export interface GlobalPooling2d {
  readonly batch: number;
  readonly pixels: number;
  readonly channels: number;
}

/** The values of one channel of one image. */
function values(
  { pixels, channels }: GlobalPooling2d,
  input: Float64Array,
  image: number,
  channel: number,
): number[] {
  return Array.from({ length: pixels }, (_, p) => input[(image * pixels + p) * channels + channel]!);
}

/** [batch, channels], each from the values of its channel. */
function reduce(
  pooling: GlobalPooling2d,
  input: Float64Array,
  f: (values: readonly number[]) => number,
): Float64Array {
  const { batch, channels } = pooling;
  return Float64Array.from({ length: batch * channels }, (_, i) =>
    f(values(pooling, input, Math.floor(i / channels), i % channels)),
  );
}

export function globalAverageForward(pooling: GlobalPooling2d, input: Float64Array): Float64Array {
  return reduce(pooling, input, (list) => list.reduce((sum, value) => sum + value, 0) / pooling.pixels);
}

/** NaN if one value is. */
export function globalMaxForward(pooling: GlobalPooling2d, input: Float64Array): Float64Array {
  return reduce(pooling, input, (list) => Math.max(...list));
}

/** The gradient is shared out equally among all maxima; where the maximum is NaN, so is the gradient. */
export function globalMaxBackward(
  pooling: GlobalPooling2d,
  input: Float64Array,
  dOutput: Float64Array,
): Float64Array {
  const { pixels, channels } = pooling;
  const most = globalMaxForward(pooling, input);
  const ties = Float64Array.from(
    most,
    (largest, i) =>
      values(pooling, input, Math.floor(i / channels), i % channels).filter((value) => value === largest)
        .length,
  );
  return input.map((value, i) => {
    const at = Math.floor(i / (pixels * channels)) * channels + (i % channels);
    if (Number.isNaN(most[at]!)) return NaN;
    return value === most[at] ? dOutput[at]! / ties[at]! : 0;
  });
}
