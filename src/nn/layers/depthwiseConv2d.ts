/** A convolution of each channel by filters of its own. */
import { depthwise } from '../operations/depthwise.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import {
  CONVOLUTION_OPTIONS,
  convolutionOptions,
  type ConvolutionData,
  type ConvolutionOptions,
} from './convolutionOptions.ts';
import type { LayerDefinition, Spec } from './definition.ts';
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

const TYPE = 'depthwiseConv2d';

/** What the options call the weights. */
const WEIGHTS = ['depthwise', 'bias'] as const;
type Weights = (typeof WEIGHTS)[number];

export interface DepthwiseConv2dOptions extends LayerOptions, ConvolutionOptions, WeightOptions<Weights> {
  /** How many outputs each channel has; 1 by default. */
  depthMultiplier?: number;
}

export interface DepthwiseConv2dData extends Spec, ConvolutionData, WeightData<Weights> {
  readonly type: typeof TYPE;
  readonly depthMultiplier: number;
}

/**
 * A convolution of each channel by itself: images [height, width, channels] become [.., .., channels · depthMultiplier].
 * @throws OptionError for an option out of range
 */
export function depthwiseConv2d(
  options: DepthwiseConv2dOptions = {} as DepthwiseConv2dOptions,
): DepthwiseConv2dData & Applicable {
  return applicable(parse(options), depthwiseConv2dDefinition);
}

function parse(given: object): DepthwiseConv2dData {
  const options = given as DepthwiseConv2dOptions;
  const known = ['depthMultiplier', ...CONVOLUTION_OPTIONS, ...weightOptionNames(WEIGHTS)];
  return {
    type: TYPE,
    ...common(TYPE, options, known),
    ...convolutionOptions(TYPE, options),
    depthMultiplier: positive(TYPE, 'depthMultiplier', options.depthMultiplier ?? 1),
    ...weightOptions(TYPE, options, WEIGHTS),
  };
}

/** The weight [height, width, channels, multiplier]. @param data  the spec, with what was given for "depthwise" */
export function depthwiseKernel(
  name: string,
  data: Pick<DepthwiseConv2dData, 'kernelSize' | 'depthMultiplier'>,
  channels: number,
): WeightSpec {
  const { kernelSize, depthMultiplier } = data;
  const taps = kernelSize[0] * kernelSize[1];
  return {
    name,
    shape: [...kernelSize, channels, depthMultiplier],
    ...settingsOf(data, 'depthwise', 'glorotUniform'),
    // As Keras has them, which takes the last two axes for inputs and outputs.
    fanIn: taps * channels,
    fanOut: taps * depthMultiplier,
  };
}

export const depthwiseConv2dDefinition: LayerDefinition<DepthwiseConv2dData> = {
  type: TYPE,
  inputs: 'one',
  parse,
  build: (spec, { name, inputShapes: [input] }) => {
    mustBeImages(TYPE, name, input!);
    const { kernelSize, dilationRate = [1, 1], depthMultiplier, useBias = true, activation } = spec;
    const channels = input![2]!;
    const names = {
      kernel: weightName(name, 'kernel'),
      ...(useBias && { bias: weightName(name, 'bias') }),
    };
    const operation = depthwise({ ...spec, name, dilationRate }, names, input!);
    const [height, width, outputs] = operation.outputShape as [number, number, number];
    const kernel = depthwiseKernel('kernel', spec, channels);
    return {
      outputShape: operation.outputShape,
      weights: useBias ? [kernel, biasOf(spec, channels * depthMultiplier)] : [kernel],
      multiplyAdds: kernelSize[0] * kernelSize[1] * outputs * height * width,
      operations: () => withActivation(name, activation, [operation]),
    };
  },
  describe: ({ kernelSize, padding, depthMultiplier, activation }) =>
    `${depthMultiplier === 1 ? 'a filter' : `${depthMultiplier} filters`} of ${kernelSize.join('×')} for each channel` +
    paddingText(padding) +
    activationText(activation),
};
