/** Activations as layers of their own: by name, and the forms of ReLU that have settings. */
import { generalRelu, type ActivationDefinition } from '../activations/activation.ts';
import { activationNamed, activationOption } from '../activations/registry.ts';
import { activationOperation } from '../operations/activation.ts';
import type { Shape } from '../shape.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import type { BuiltLayer, LayerDefinition, Spec } from './definition.ts';
import { common, numberIn, type LayerOptions } from './options.ts';

export interface ActivationOptions extends LayerOptions {
  /** Its name, such as 'gelu'. */
  activation: string;
}

export interface ActivationData extends Spec {
  readonly type: 'activation';
  readonly activation: string;
}

/** An activation by its name. @throws OptionError if there is none of that name */
export function activation(
  options: ActivationOptions = {} as ActivationOptions,
): ActivationData & Applicable {
  return applicable(activationDefinition.parse(options), activationDefinition);
}

export const activationDefinition: LayerDefinition<ActivationData> = {
  type: 'activation',
  inputs: 'one',
  parse: (options) => ({
    type: 'activation',
    ...common('activation', options, ['activation']),
    activation: activationOption('activation', (options as ActivationOptions).activation),
  }),
  build: ({ activation: of }, { name, inputShapes: [input] }) =>
    activationLayer(name, input!, activationNamed(of)),
  describe: ({ activation: of }) => of,
};

export interface ReLUOptions extends LayerOptions {
  /** Values above it become it; none by default. */
  maxValue?: number | null;
  /** The slope below the threshold; 0 by default. */
  negativeSlope?: number;
  /** 0 by default. */
  threshold?: number;
}

export interface ReLUData extends Spec {
  readonly type: 'reLU';
  /** null if there is none. */
  readonly maxValue: number | null;
  readonly negativeSlope: number;
  readonly threshold: number;
}

/** Rectified linear units, with Keras' settings. @throws OptionError for an option out of range */
export function reLU(options: ReLUOptions = {}): ReLUData & Applicable {
  return applicable(reLUDefinition.parse(options), reLUDefinition);
}

export const reLUDefinition: LayerDefinition<ReLUData> = {
  type: 'reLU',
  inputs: 'one',
  parse: (given) => {
    const { maxValue = null, negativeSlope = 0, threshold = 0 } = given as ReLUOptions;
    return {
      type: 'reLU',
      ...common('reLU', given, ['maxValue', 'negativeSlope', 'threshold']),
      maxValue: maxValue === null ? null : numberIn('reLU', 'maxValue', maxValue, 0),
      negativeSlope: numberIn('reLU', 'negativeSlope', negativeSlope, 0),
      threshold: numberIn('reLU', 'threshold', threshold, 0),
    };
  },
  build: ({ maxValue, negativeSlope, threshold }, { name, inputShapes: [input] }) =>
    activationLayer(name, input!, generalRelu('re_lu', maxValue ?? Infinity, negativeSlope, threshold)),
  describe: ({ maxValue }) => (maxValue === null ? 'ReLU' : `ReLU up to ${maxValue}`),
};

export interface LeakyReLUOptions extends LayerOptions {
  /** 0.3 by default. */
  negativeSlope?: number;
}

export interface LeakyReLUData extends Spec {
  readonly type: 'leakyReLU';
  readonly negativeSlope: number;
}

/** ReLU with a slope below zero. @throws OptionError for an option out of range */
export function leakyReLU(options: LeakyReLUOptions = {}): LeakyReLUData & Applicable {
  return applicable(leakyReLUDefinition.parse(options), leakyReLUDefinition);
}

export const leakyReLUDefinition: LayerDefinition<LeakyReLUData> = {
  type: 'leakyReLU',
  inputs: 'one',
  parse: (given) => {
    const { negativeSlope = 0.3 } = given as LeakyReLUOptions;
    return {
      type: 'leakyReLU',
      ...common('leakyReLU', given, ['negativeSlope']),
      negativeSlope: numberIn('leakyReLU', 'negativeSlope', negativeSlope, 0),
    };
  },
  build: ({ negativeSlope }, { name, inputShapes: [input] }) =>
    activationLayer(name, input!, generalRelu('leaky_relu', Infinity, negativeSlope, 0)),
  describe: ({ negativeSlope }) => `ReLU with a slope of ${negativeSlope} below zero`,
};

function activationLayer(name: string, outputShape: Shape, activation: ActivationDefinition): BuiltLayer {
  return {
    outputShape,
    operations: () =>
      activation.name === 'linear' ? [] : [activationOperation(name, activation, outputShape)],
  };
}
