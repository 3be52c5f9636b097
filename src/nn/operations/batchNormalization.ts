/** Batch normalization (Ioffe & Szegedy 2015) over the last axis, as Keras has it: the passes of assembly/normalization. */
import { align } from '../../engine/arena.ts';
import { call } from '../../engine/call.ts';
import { offsetBy, type Address } from '../../engine/pointer.ts';
import type { Instruction } from '../../engine/program.ts';
import type { Shape } from '../shape.ts';
import { place, type View } from '../view.ts';
import { MAX_SHARDS, shardsOf } from './filterShards.ts';
import type {
  Addresses,
  Affine,
  BackwardArguments,
  BackwardPlan,
  ForwardArguments,
  Operation,
} from './operation.ts';

export interface NormalizationSettings {
  readonly name: string;
  readonly shape: Shape;
  readonly momentum: number;
  readonly epsilon: number;
  /** The network's names of "gamma" and "beta", as far as there are any, "moving_mean" and "moving_variance". */
  readonly weights: Readonly<Record<string, string>>;
}

/** With the mean and the variance of the batch, towards which the moving ones are moved. */
export function batchStatistics(settings: NormalizationSettings): Operation {
  const { name, shape, weights, momentum, epsilon } = settings;
  return {
    name,
    outputShape: shape,
    weights,
    keepsInput: true,
    overwritesGradient: true,
    centersGradient: true,
    plan: (plan) => {
      const { context, input, output } = plan;
      const { channels, height, width } = input;
      const bytes = align(channels * 4);
      const mean = context.allocate(4 * bytes);
      const [inverse, scale, shift] = [1, 2, 3].map((i) => offsetBy(mean, i * bytes)) as [
        Address,
        Address,
        Address,
      ];
      const partials = context.allocate(MAX_SHARDS * (16 * channels + 8));
      const label = `${name} forward`;
      return {
        prepare: [],
        forward: (count) => [
          call('channelStatistics', label, shardsOf(count), {
            ...place('input', input),
            batch: count,
            height,
            width,
            channels,
            shards: shardsOf(count),
            partials,
          }),
          call('batchNormalizationTrain', label, 1, {
            partials,
            shards: shardsOf(count),
            channels,
            gamma: plan.weights.gamma ?? 0,
            beta: plan.weights.beta ?? 0,
            epsilon,
            momentum,
            movingMean: plan.weights.moving_mean!,
            movingVariance: plan.weights.moving_variance!,
            mean,
            inverse,
            scale,
            shift,
          }),
          scaleShift(label, input, output, scale, shift, count),
        ],
        backward: (backward) => planBackward(name, { mean, inverse }, plan, backward),
      };
    },
  };
}

function planBackward(
  name: string,
  { mean, inverse }: { readonly mean: Address; readonly inverse: Address },
  { context, input, weights }: ForwardArguments,
  { dOutput, dInput, gradients }: BackwardArguments,
): BackwardPlan {
  const { height, width, channels } = input;
  const partials = context.allocate(MAX_SHARDS * 16 * channels);
  const bytes = align(channels * 4);
  const a = context.allocate(3 * bytes);
  const [b, c] = [offsetBy(a, bytes), offsetBy(a, 2 * bytes)];
  const label = `${name} dInput`;
  const views = { ...place('dOutput', dOutput), ...place('input', input), height, width, channels };
  return {
    backward: (count) => [
      call('batchNormalizationSums', label, shardsOf(count), {
        ...views,
        mean,
        inverse,
        batch: count,
        shards: shardsOf(count),
        partials,
      }),
      call('batchNormalizationGradient', label, 1, {
        partials,
        shards: shardsOf(count),
        channels,
        count: count * height * width,
        gamma: weights.gamma ?? 0,
        inverse,
        mean,
        dGamma: gradients.gamma ?? 0,
        dBeta: gradients.beta ?? 0,
        a,
        b,
        c,
        frozen: 0,
      }),
      ...(dInput
        ? [
            call('batchNormalizationInput', label, count * height, {
              ...views,
              ...place('dInput', dInput),
              a,
              b,
              c,
            }),
          ]
        : []),
    ],
  };
}

/** With the moving mean and variance: a scale and a shift of each channel, which are constants. */
export function movingStatistics(settings: NormalizationSettings, training: boolean): Operation {
  const { name, shape, weights } = settings;
  const channels = shape.at(-1)!;
  const affine: Affine = {
    weights,
    coefficients: (addresses, scale, shift) => [
      coefficients(settings, addresses, scale, shift, offsetBy(shift, align(channels * 4))),
    ],
  };
  return {
    name,
    outputShape: shape,
    weights,
    overwrites: true,
    overwritesGradient: true,
    // While weights in front of it are trained, it must not disappear in them.
    ...(training ? {} : { affine }),
    plan: ({ context, input, output, weights: addresses }) => {
      const bytes = align(channels * 4);
      const scale = context.allocate(bytes);
      const shift = context.allocate(3 * bytes);
      const zeros = context.zeros(bytes);
      return {
        prepare: affine.coefficients(addresses, scale, shift),
        forward: (count) => [scaleShift(`${name} forward`, input, output, scale, shift, count)],
        backward: ({ dOutput, dInput }) => ({
          backward: (count) =>
            dInput ? [scaleShift(`${name} dInput`, dOutput, dInput, scale, zeros, count)] : [],
        }),
      };
    },
  };
}

/** @param rest  where mean and inverse go, which nobody needs: twice as much as a coefficient takes */
function coefficients(
  { name, epsilon, shape }: NormalizationSettings,
  weights: Addresses,
  scale: Address,
  shift: Address,
  rest: Address,
): Instruction {
  const channels = shape.at(-1)!;
  return call('batchNormalizationInference', `${name} fold`, 1, {
    gamma: weights.gamma ?? 0,
    beta: weights.beta ?? 0,
    movingMean: weights.moving_mean!,
    movingVariance: weights.moving_variance!,
    epsilon,
    scale,
    shift,
    mean: rest,
    inverse: offsetBy(rest, align(channels * 4)),
    channels,
  });
}

/** output = input · scale + shift, channel by channel. */
export function scaleShift(
  label: string,
  input: View,
  output: View,
  scale: Address,
  shift: Address,
  count: number,
): Instruction {
  return call('scaleShift', label, count * output.height, {
    ...place('input', input),
    ...place('output', output),
    height: output.height,
    width: output.width,
    channels: output.channels,
    scale,
    shift,
  });
}
