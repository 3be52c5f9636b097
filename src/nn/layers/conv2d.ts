import { OptionError } from '../../errors.ts';
import { convolution } from '../operations/convolution.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import {
  CONVOLUTION_OPTIONS,
  convolutionOptions,
  type ConvolutionData,
  type ConvolutionOptions,
} from './convolutionOptions.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { mustBeImages } from './inputs.ts';
import { common, positive, type LayerOptions } from './options.ts';
import { paddingText } from './padding.ts';
import { kernelAndBias, KERNEL_AND_BIAS } from './weights.ts';
import { weightOptionNames, weightOptions, type WeightData, type WeightOptions } from './weightOptions.ts';
import { activationText, withActivation } from './withActivation.ts';

export interface Conv2dOptions extends LayerOptions, ConvolutionOptions, WeightOptions<'kernel' | 'bias'> {
  /** How many filters, hence channels of the output. */
  filters: number;
  /** Into how many parts the channels are split, each convolved by itself; 1 by default. */
  groups?: number;
}

export interface Conv2dData extends Spec, ConvolutionData, WeightData<'kernel' | 'bias'> {
  readonly type: 'conv2d';
  readonly filters: number;
  /** Left out if 1. */
  readonly groups?: number;
}

/** A convolution of images [height, width, channels]. @throws OptionError for an option out of range */
export function conv2d(options: Conv2dOptions = {} as Conv2dOptions): Conv2dData & Applicable {
  return applicable(parse(options), conv2dDefinition);
}

function parse(given: object): Conv2dData {
  const options = given as Conv2dOptions;
  const known = ['filters', 'groups', ...CONVOLUTION_OPTIONS, ...weightOptionNames(KERNEL_AND_BIAS)];
  const filters = positive('conv2d', 'filters', options.filters);
  const groups = positive('conv2d', 'groups', options.groups ?? 1);
  if (filters % groups !== 0) {
    throw new OptionError(`conv2d: ${filters} filters cannot be split into ${groups} groups.`);
  }
  return {
    type: 'conv2d',
    ...common('conv2d', options, known),
    filters,
    ...convolutionOptions('conv2d', options),
    ...(groups > 1 && { groups }),
    ...weightOptions('conv2d', options, KERNEL_AND_BIAS),
  };
}

export const conv2dDefinition: LayerDefinition<Conv2dData> = {
  type: 'conv2d',
  inputs: 'one',
  parse,
  build: (spec, { name, inputShapes: [input], convolution: choice }) => {
    mustBeImages('conv2d', name, input!);
    const { filters, kernelSize, dilationRate = [1, 1], groups = 1, useBias = true, activation } = spec;
    const taps = kernelSize[0] * kernelSize[1];
    const channels = input![2]!;
    if (channels % groups !== 0) {
      throw new OptionError(
        `Layer "${name}": the ${channels} channels of its input cannot be split into ${groups} groups.`,
      );
    }
    const { weights, names } = kernelAndBias(
      name,
      spec,
      [...kernelSize, channels / groups, filters],
      useBias,
      { fanIn: (taps * channels) / groups, fanOut: (taps * filters) / groups },
    );
    const settings = { ...spec, name, dilationRate, groups };
    const operation = convolution(settings, names, input!, choice);
    const [height, width] = operation.outputShape as [number, number, number];
    return {
      outputShape: operation.outputShape,
      weights,
      multiplyAdds: ((taps * channels) / groups) * filters * height * width,
      operations: () => withActivation(name, activation, [operation]),
    };
  },
  describe: ({ filters, kernelSize, padding, activation }) =>
    `${filters} filters of ${kernelSize.join('×')}${paddingText(padding)}${activationText(activation)}`,
};
