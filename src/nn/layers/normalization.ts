/** Each channel brought to mean 0 and variance 1 by statistics that are known beforehand. */
import { OptionError } from '../../errors.ts';
import { atLeast } from '../numberOptions.ts';
import type { PixelScale } from '../pixelScale.ts';
import { scaling } from '../operations/scaling.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { common, flag, type LayerOptions } from './options.ts';
import { listOf, perChannel, type PerChannel } from './perChannel.ts';
import { mustBeLast } from './softmax.ts';

export interface NormalizationOptions extends LayerOptions {
  /** -1, the last, which is the only one that there is. */
  axis?: -1;
  /** What channels have for a mean, and a variance: a number, or one for each; see {@link channelMoments}. */
  mean: PerChannel;
  variance: PerChannel;
  /** Whether to go back from what is normalized to what it was; false by default. */
  invert?: boolean;
}

export interface NormalizationData extends Spec {
  readonly type: typeof TYPE;
  readonly mean: PerChannel;
  readonly variance: PerChannel;
  /** Left out if false. */
  readonly invert?: boolean;
}

const TYPE = 'normalization';

/** What a deviation is at least, as in Keras. */
const EPSILON = 1e-7;

/** (input − mean) / max(√variance, 1e-7). @throws OptionError for an option out of range */
export function normalization(
  options: NormalizationOptions = {} as NormalizationOptions,
): NormalizationData & Applicable {
  return applicable(normalizationDefinition.parse(options), normalizationDefinition);
}

function parse(given: object): NormalizationData {
  const { axis, mean, variance, invert = false } = given as Partial<NormalizationOptions>;
  mustBeLast(TYPE, axis);
  const known = common(TYPE, given, ['axis', 'mean', 'variance', 'invert']);
  if (mean === undefined || variance === undefined) {
    throw new OptionError(`${TYPE} needs mean and variance; channelMoments(images, channels) computes them.`);
  }
  return {
    type: TYPE,
    ...known,
    mean: perChannel(TYPE, 'mean', mean),
    variance: perChannel(TYPE, 'variance', variance, (type, option, value) =>
      atLeast(type, option, value, 0),
    ),
    ...(flag(TYPE, 'invert', invert) && { invert }),
  };
}

export const normalizationDefinition: LayerDefinition<NormalizationData> = {
  type: TYPE,
  inputs: 'one',
  parse,
  build: (spec, { name, inputShapes: [input] }) => {
    const { scale, offset } = scalingOf(spec, name, input!.at(-1)!);
    return {
      outputShape: input!,
      operations: (training) => [scaling(name, input!, scale, offset, training)],
    };
  },
  describe: ({ invert }) =>
    invert ? 'each channel back from mean 0, variance 1' : 'each channel to mean 0, variance 1, as known',
};

/**
 * The rescaling that does the same: one value, or one for each channel.
 * @param name  the layer's, for messages
 * @throws OptionError if there are as many means or variances as there are no channels
 */
export function scalingOf(
  { mean, variance, invert }: NormalizationData,
  name: string,
  channels: number,
): { readonly scale: readonly number[]; readonly offset: readonly number[] } {
  const means = listOf(name, 'mean', mean, channels);
  const variances = listOf(name, 'variance', variance, channels);
  const deviations = variances.map((each) => Math.max(Math.sqrt(each), EPSILON));
  if (invert) return { scale: deviations, offset: means };
  const of = (list: readonly number[], i: number): number => list[list.length === 1 ? 0 : i]!;
  const longer = means.length > 1 ? means : deviations;
  return {
    scale: deviations.map((deviation) => 1 / deviation),
    offset: longer.map((_, i) => -of(means, i) / of(deviations, i)),
  };
}

/** Of each channel, over all pixels. */
export interface ChannelMoments {
  readonly mean: readonly number[];
  readonly variance: readonly number[];
}

/**
 * The mean and the variance of each channel of images [count, height, width, channels], for {@link normalization} right behind
 * the input. Bytes count as the network takes them; of them the sums are exact.
 * @param pixelScale  what the largest byte becomes for the network
 * @throws OptionError if the images do not have so many channels
 */
export function channelMoments(
  images: Uint8Array | Float32Array,
  channels: number,
  pixelScale: PixelScale = 1,
): ChannelMoments {
  const pixels = images.length / channels;
  if (!Number.isInteger(pixels) || pixels < 1) {
    throw new OptionError(`channelMoments: ${images.length} values are no pixels of ${channels} channels.`);
  }
  const each = Array.from({ length: channels }, (_, channel) =>
    images instanceof Uint8Array
      ? ofBytes(images, channel, channels, pixelScale)
      : ofFloats(images, channel, channels),
  );
  return { mean: each.map(([mean]) => mean), variance: each.map(([, variance]) => variance) };
}

type Moments = readonly [mean: number, variance: number];

/** Of every `step`-th value. */
function ofBytes(values: Uint8Array, first: number, step: number, pixelScale: PixelScale): Moments {
  const counts = new Float64Array(256);
  for (let i = first; i < values.length; i += step) counts[values[i]!]!++;
  return momentsOfCounts(counts, pixelScale);
}

/**
 * Of bytes, each as often as it occurs, [256]: whole numbers until the last division, so that no order of adding up matters.
 */
export function momentsOfCounts(counts: Float64Array, pixelScale: PixelScale): Moments {
  let [sum, squares, count] = [0, 0, 0];
  counts.forEach((times, value) => {
    count += times;
    sum += times * value;
    squares += times * value * value;
  });
  // These are more than a double holds.
  const variance = BigInt(count) * BigInt(squares) - BigInt(sum) * BigInt(sum);
  const divisor = count * (255 / pixelScale);
  return [sum / divisor, Number(variance) / divisor / divisor];
}

function ofFloats(values: Float32Array, first: number, step: number): Moments {
  let [sum, squares] = [0, 0];
  const count = values.length / step;
  for (let i = first; i < values.length; i += step) sum += values[i]!;
  const mean = sum / count;
  for (let i = first; i < values.length; i += step) squares += (values[i]! - mean) * (values[i]! - mean);
  return [mean, squares / count];
}
