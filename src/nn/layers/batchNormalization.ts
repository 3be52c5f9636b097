/** Batch normalization (Ioffe & Szegedy 2015) over the last axis, as Keras has it: the passes of assembly/normalization. */
import type { Instruction } from '../../engine/program.ts';
import { align } from '../../engine/arena.ts';
import type { Shape } from '../shape.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { MAX_SHARDS, shardsOf } from './filterShards.ts';
import type {
  BackwardArguments,
  BackwardPlan,
  ForwardArguments,
  ForwardPlan,
  Layer,
  WeightSpec,
} from './layer.ts';
import { common, flag, numberIn, type LayerOptions } from './options.ts';
import { plainLayer, rowsOf } from './plainLayer.ts';

export interface BatchNormalizationOptions extends LayerOptions {
  /** How much of the running statistics each step keeps; 0.99 by default. */
  momentum?: number;
  /** Added to the variance; 0.001 by default. */
  epsilon?: number;
  /** Whether a trained shift is added; true by default. */
  center?: boolean;
  /** Whether a trained scale is multiplied; true by default. */
  scale?: boolean;
}

export interface BatchNormalizationData extends Spec {
  readonly type: 'batchNormalization';
  readonly momentum: number;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
}

const TYPE = 'batchNormalization';

/**
 * Each channel brought to mean 0 and variance 1: that of the batch in training, the running ones otherwise and while the
 * layer is not trainable. @throws OptionError for an option out of range
 */
export function batchNormalization(
  options: BatchNormalizationOptions = {},
): BatchNormalizationData & Applicable {
  return applicable(parse(options));
}

function parse(given: object): BatchNormalizationData {
  const { momentum = 0.99, epsilon = 1e-3, center = true, scale = true } = given as BatchNormalizationOptions;
  return {
    type: TYPE,
    ...common(TYPE, given, ['momentum', 'epsilon', 'center', 'scale']),
    momentum: numberIn(TYPE, 'momentum', momentum, 0, 1),
    epsilon: numberIn(TYPE, 'epsilon', epsilon, 0),
    center: flag(TYPE, 'center', center),
    scale: flag(TYPE, 'scale', scale),
  };
}

export const batchNormalizationDefinition: LayerDefinition<BatchNormalizationData> = {
  type: TYPE,
  kerasName: 'BatchNormalization',
  baseName: 'batch_normalization',
  inputs: 'one',
  parse,
  build: (spec, { name, inputShapes: [input], trainable }) =>
    batchNormalizationLayer({ ...spec, name }, input!, trainable),
  describe: () => 'each channel to mean 0, variance 1',
};

type Named = BatchNormalizationData & { readonly name: string };

export function batchNormalizationLayer(spec: Named, input: Shape, trainable: boolean): Layer {
  const channels = input.at(-1)!;
  const weight = (name: string, initializer: 'ones' | 'zeros', trained: boolean): WeightSpec => {
    return { name, shape: [channels], initializer, fanIn: channels, fanOut: channels, trainable: trained };
  };
  return plainLayer([input], {
    type: spec.type,
    name: spec.name,
    outputShape: input,
    weights: [
      ...(spec.scale ? [weight('gamma', 'ones', trainable)] : []),
      ...(spec.center ? [weight('beta', 'zeros', trainable)] : []),
      weight('moving_mean', 'zeros', false),
      weight('moving_variance', 'ones', false),
    ],
    planForward: (plan) => planForward(spec, trainable, plan),
    planBackward: (plan) => planBackward(spec, trainable, plan),
  });
}

/** Where the coefficients of a normalization lie, [channels] float32 each. */
interface Coefficients {
  readonly mean: number;
  readonly inverse: number;
  readonly scale: number;
  readonly shift: number;
}

function coefficientsAt(address: number, channels: number): Coefficients {
  const bytes = align(channels * 4);
  return { mean: address, inverse: address + bytes, scale: address + 2 * bytes, shift: address + 3 * bytes };
}

function planForward(
  { name, epsilon, momentum }: Named,
  trainable: boolean,
  { context, input, output, weights }: ForwardArguments,
): ForwardPlan {
  const { height, width, channels } = input;
  const saved = context.arena.allocate(4 * align(channels * 4));
  const { mean, inverse, scale, shift } = coefficientsAt(saved, channels);
  const gamma = weights.gamma ?? 0;
  const beta = weights.beta ?? 0;
  const movingMean = weights.moving_mean!;
  const movingVariance = weights.moving_variance!;
  const label = `${name} forward`;
  const apply = (count: number): Instruction => ({
    label,
    kernel: 'scaleShift',
    arguments: [...rowsOf(input), ...rowsOf(output), height, width, channels, scale, shift],
    items: count * height,
  });
  const inference = (count: number): Instruction[] => [
    {
      label,
      kernel: 'batchNormalizationInference',
      arguments: [gamma, beta, movingMean, movingVariance, epsilon, scale, shift, mean, inverse, channels],
      items: 1,
    },
    apply(count),
  ];
  if (!trainable) return { prepare: [], forward: inference, saved };
  const partials = context.arena.allocate(MAX_SHARDS * (16 * channels + 8));
  return {
    prepare: [],
    inference,
    saved,
    forward: (count) => [
      {
        label,
        kernel: 'channelStatistics',
        arguments: [...rowsOf(input), count, height, width, channels, shardsOf(count), partials],
        items: shardsOf(count),
      },
      {
        label,
        kernel: 'batchNormalizationTrain',
        arguments: [
          partials,
          shardsOf(count),
          channels,
          gamma,
          beta,
          epsilon,
          momentum,
          movingMean,
          movingVariance,
          mean,
          inverse,
          scale,
          shift,
        ],
        items: 1,
      },
      apply(count),
    ],
  };
}

function planBackward(
  { name }: Named,
  trainable: boolean,
  { context, input, dOutput, dInput, weights, gradients, saved }: BackwardArguments,
): BackwardPlan {
  const { height, width, channels } = input;
  const { mean, inverse } = coefficientsAt(saved!, channels);
  const partials = context.arena.allocate(MAX_SHARDS * 16 * channels);
  const bytes = align(channels * 4);
  const a = context.arena.allocate(3 * bytes);
  const [b, c] = [a + bytes, a + 2 * bytes];
  const label = `${name} dInput`;
  return {
    prepare: [],
    backward: (count) => [
      {
        label,
        kernel: 'batchNormalizationSums',
        arguments: [
          ...rowsOf(dOutput),
          ...rowsOf(input),
          mean,
          inverse,
          count,
          height,
          width,
          channels,
          shardsOf(count),
          partials,
        ],
        items: shardsOf(count),
      },
      {
        label,
        kernel: 'batchNormalizationGradient',
        arguments: [
          partials,
          shardsOf(count),
          channels,
          count * height * width,
          weights.gamma ?? 0,
          inverse,
          mean,
          gradients.gamma ?? 0,
          gradients.beta ?? 0,
          a,
          b,
          c,
          trainable ? 0 : 1,
        ],
        items: 1,
      },
      ...(dInput
        ? [
            {
              label,
              kernel: 'batchNormalizationInput',
              arguments: [
                ...rowsOf(dOutput),
                ...rowsOf(input),
                ...rowsOf(dInput),
                height,
                width,
                channels,
                a,
                b,
                c,
              ],
              items: count * height,
            },
          ]
        : []),
    ],
    finish: () => [],
  };
}
