/** Batch normalization (Ioffe & Szegedy 2015) over the last axis, as Keras has it: the passes of assembly/normalization. */
import {
  batchStatistics,
  movingStatistics,
  type NormalizationSettings,
} from '../operations/batchNormalization.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { weightName, type WeightSpec } from './layer.ts';
import { common, flag, numberIn, type LayerOptions } from './options.ts';
import {
  settingsOf,
  weightOptionNames,
  weightOptions,
  type WeightData,
  type WeightOptions,
} from './weightOptions.ts';

const WEIGHTS = ['gamma', 'beta', 'movingMean', 'movingVariance'] as const;
type Weights = (typeof WEIGHTS)[number];

export interface BatchNormalizationOptions extends LayerOptions, WeightOptions<Weights> {
  /** How much of the running statistics each step keeps; 0.99 by default. */
  momentum?: number;
  /** Added to the variance; 0.001 by default. */
  epsilon?: number;
  /** Whether a trained shift is added; true by default. */
  center?: boolean;
  /** Whether a trained scale is multiplied; true by default. */
  scale?: boolean;
}

export interface BatchNormalizationData extends Spec, WeightData<Weights> {
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
  return applicable(parse(options), batchNormalizationDefinition);
}

function parse(given: object): BatchNormalizationData {
  const { momentum = 0.99, epsilon = 1e-3, center = true, scale = true } = given as BatchNormalizationOptions;
  return {
    type: TYPE,
    ...common(TYPE, given, ['momentum', 'epsilon', 'center', 'scale', ...weightOptionNames(WEIGHTS)]),
    momentum: numberIn(TYPE, 'momentum', momentum, 0, 1),
    epsilon: numberIn(TYPE, 'epsilon', epsilon, 0),
    center: flag(TYPE, 'center', center),
    scale: flag(TYPE, 'scale', scale),
    ...weightOptions(TYPE, given, WEIGHTS),
  };
}

export const batchNormalizationDefinition: LayerDefinition<BatchNormalizationData> = {
  type: TYPE,
  inputs: 'one',
  parse,
  build: (spec, { name, inputShapes: [input], trainable }) => {
    const channels = input!.at(-1)!;
    const weight = (option: Weights, of: string, usual: 'ones' | 'zeros', trained: boolean): WeightSpec => ({
      name: of,
      shape: [channels],
      ...settingsOf(spec, option, usual),
      fanIn: channels,
      fanOut: channels,
      trainable: trained,
    });
    const weights = [
      ...(spec.scale ? [weight('gamma', 'gamma', 'ones', true)] : []),
      ...(spec.center ? [weight('beta', 'beta', 'zeros', true)] : []),
      weight('movingMean', 'moving_mean', 'zeros', false),
      weight('movingVariance', 'moving_variance', 'ones', false),
    ];
    const settings: NormalizationSettings = {
      ...spec,
      name,
      shape: input!,
      weights: Object.fromEntries(weights.map((each) => [each.name, weightName(name, each.name)])),
    };
    return {
      outputShape: input!,
      weights,
      operations: (training) => [
        training && trainable ? batchStatistics(settings) : movingStatistics(settings, training),
      ],
    };
  },
  describe: () => 'each channel to mean 0, variance 1',
};
