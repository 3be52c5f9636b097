/** Each channel brought to mean 0 and variance 1 by statistics that are known beforehand. */
import { OptionError } from '../../errors.ts';
import { atLeast } from '../numberOptions.ts';
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
    const channels = input!.at(-1)!;
    const means = listOf(name, 'mean', spec.mean, channels);
    const variances = listOf(name, 'variance', spec.variance, channels);
    const deviations = variances.map((variance) => Math.max(Math.sqrt(variance), EPSILON));
    const of = (list: readonly number[], i: number): number => list[list.length === 1 ? 0 : i]!;
    const longer = means.length > 1 ? means : deviations;
    const shift = longer.map((_, i) => -of(means, i) / of(deviations, i));
    const scale = deviations.map((deviation) => 1 / deviation);
    return {
      outputShape: input!,
      operations: (training) => [
        spec.invert
          ? scaling(name, input!, deviations, means, training)
          : scaling(name, input!, scale, shift, training),
      ],
    };
  },
  describe: ({ invert }) =>
    invert ? 'each channel back from mean 0, variance 1' : 'each channel to mean 0, variance 1, as known',
};

/** Of each channel, over all pixels. */
export interface ChannelMoments {
  readonly mean: readonly number[];
  readonly variance: readonly number[];
}

/**
 * The mean and the variance of each channel of images [count, height, width, channels], for {@link normalization} right behind
 * the input. Bytes count as the engine takes them: 255 is 1.
 * @throws OptionError if the images do not have so many channels
 */
export function channelMoments(images: Uint8Array | Float32Array, channels: number): ChannelMoments {
  const pixels = images.length / channels;
  if (!Number.isInteger(pixels) || pixels < 1) {
    throw new OptionError(`channelMoments: ${images.length} values are no pixels of ${channels} channels.`);
  }
  const unit = images instanceof Uint8Array ? 255 : 1;
  const sums = new Float64Array(channels);
  images.forEach((value: number, i: number) => (sums[i % channels]! += value));
  const mean = sums.map((sum) => sum / pixels);
  const squares = new Float64Array(channels);
  images.forEach((value: number, i: number) => {
    const deviation = value - mean[i % channels]!;
    squares[i % channels]! += deviation * deviation;
  });
  return {
    mean: Array.from(mean, (value) => value / unit),
    variance: Array.from(squares, (sum) => sum / pixels / (unit * unit)),
  };
}
