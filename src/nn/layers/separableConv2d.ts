/** A depthwise convolution, and a pointwise one that mixes its channels. */
import { convolution } from '../operations/convolution.ts';
import { depthwise } from '../operations/depthwise.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import {
  CONVOLUTION_OPTIONS,
  convolutionOptions,
  type ConvolutionData,
  type ConvolutionOptions,
} from './convolutionOptions.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { depthwiseKernel } from './depthwiseConv2d.ts';
import { mustBeImages } from './inputs.ts';
import { weightName, type WeightSpec } from './layer.ts';
import { common, positive, type LayerOptions } from './options.ts';
import { paddingText } from './padding.ts';
import { biasOf } from './weights.ts';
import {
  settingsOf,
  weightOptionNames,
  weightOptions,
  type WeightData,
  type WeightOptions,
} from './weightOptions.ts';
import { activationText, withActivation } from './withActivation.ts';

const TYPE = 'separableConv2d';

/** What the options call the weights. */
const WEIGHTS = ['depthwise', 'pointwise', 'bias'] as const;
type Weights = (typeof WEIGHTS)[number];

export interface SeparableConv2dOptions extends LayerOptions, ConvolutionOptions, WeightOptions<Weights> {
  /** How many channels the output has. */
  filters: number;
  /** How many channels each of the input's becomes in between; 1 by default. */
  depthMultiplier?: number;
}

export interface SeparableConv2dData extends Spec, ConvolutionData, WeightData<Weights> {
  readonly type: typeof TYPE;
  readonly filters: number;
  readonly depthMultiplier: number;
}

/**
 * A convolution of each channel of images [height, width, channels] by itself, and one by 1×1 kernels of what that gives, to which
 * bias and activation belong. @throws OptionError for an option out of range
 */
export function separableConv2d(
  options: SeparableConv2dOptions = {} as SeparableConv2dOptions,
): SeparableConv2dData & Applicable {
  return applicable(parse(options), separableConv2dDefinition);
}

function parse(given: object): SeparableConv2dData {
  const options = given as SeparableConv2dOptions;
  const known = ['filters', 'depthMultiplier', ...CONVOLUTION_OPTIONS, ...weightOptionNames(WEIGHTS)];
  return {
    type: TYPE,
    ...common(TYPE, options, known),
    filters: positive(TYPE, 'filters', options.filters),
    ...convolutionOptions(TYPE, options),
    depthMultiplier: positive(TYPE, 'depthMultiplier', options.depthMultiplier ?? 1),
    ...weightOptions(TYPE, options, WEIGHTS),
  };
}

export const separableConv2dDefinition: LayerDefinition<SeparableConv2dData> = {
  type: TYPE,
  inputs: 'one',
  parse,
  build: (spec, { name, inputShapes: [input], convolution: choice }) => {
    mustBeImages(TYPE, name, input!);
    const { filters, kernelSize, dilationRate = [1, 1], useBias = true, activation } = spec;
    const channels = input![2]!;
    const ofEach = { kernel: weightName(name, 'depthwise_kernel') };
    const first = depthwise({ ...spec, name, dilationRate }, ofEach, input!);
    const [height, width, between] = first.outputShape as [number, number, number];
    const names = {
      kernel: weightName(name, 'pointwise_kernel'),
      ...(useBias && { bias: weightName(name, 'bias') }),
    };
    const second = convolution({ ...POINTWISE, name, filters }, names, first.outputShape, choice);
    const pointwise: WeightSpec = {
      name: 'pointwise_kernel',
      shape: [1, 1, between, filters],
      isMatrix: true,
      ...settingsOf(spec, 'pointwise', 'glorotUniform'),
      fanIn: between,
      fanOut: filters,
    };
    return {
      outputShape: second.outputShape,
      weights: [
        depthwiseKernel('depthwise_kernel', spec, channels),
        pointwise,
        ...(useBias ? [biasOf(spec, filters)] : []),
      ],
      multiplyAdds: (kernelSize[0] * kernelSize[1] + filters) * between * height * width,
      operations: () => withActivation(name, activation, [first, second]),
    };
  },
  describe: ({ filters, kernelSize, padding, activation }) =>
    `${kernelSize.join('×')} for each channel${paddingText(padding)}, then ${filters} filters of 1×1${activationText(activation)}`,
};

const POINTWISE = {
  kernelSize: [1, 1],
  strides: [1, 1],
  padding: 'valid',
  dilationRate: [1, 1],
  groups: 1,
} as const;
