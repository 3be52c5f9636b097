import { OptionError } from '../../errors.ts';
import { activationOption } from '../activations/registry.ts';
import { convolution } from '../operations/convolution.ts';
import type { Padding, Pair } from '../shape.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { mustBeImages } from './inputs.ts';
import { common, flag, oneOf, pair, positive, type LayerOptions, type Size } from './options.ts';
import { kernelAndBias, KERNEL_AND_BIAS } from './weights.ts';
import { weightOptionNames, weightOptions, type WeightData, type WeightOptions } from './weightOptions.ts';
import { activationText, withActivation } from './withActivation.ts';

export interface Conv2dOptions extends LayerOptions, WeightOptions<'kernel' | 'bias'> {
  /** How many filters, hence channels of the output. */
  filters: number;
  kernelSize: Size;
  /** 1 by default. */
  strides?: Size;
  /** 'valid' by default. */
  padding?: Padding;
  /** How far the taps of a kernel are apart; 1 by default. */
  dilationRate?: Size;
  /** Into how many parts the channels are split, each convolved by itself; 1 by default. */
  groups?: number;
  /** 'linear' by default. */
  activation?: string;
  /** Whether a bias is added; true by default. */
  useBias?: boolean;
}

export interface Conv2dData extends Spec, WeightData<'kernel' | 'bias'> {
  readonly type: 'conv2d';
  readonly filters: number;
  readonly kernelSize: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
  /** Left out if 1. */
  readonly dilationRate?: Pair;
  readonly groups?: number;
  readonly activation: string;
  /** Left out if true. */
  readonly useBias?: boolean;
}

/** A convolution of images [height, width, channels]. @throws OptionError for an option out of range */
export function conv2d(options: Conv2dOptions): Conv2dData & Applicable {
  return applicable(parse(options));
}

const OPTIONS: readonly string[] = [
  'filters',
  'kernelSize',
  'strides',
  'padding',
  'dilationRate',
  'groups',
  'activation',
  'useBias',
  ...weightOptionNames(KERNEL_AND_BIAS),
];

function parse(given: object): Conv2dData {
  const options = given as Conv2dOptions;
  const filters = positive('conv2d', 'filters', options.filters);
  const strides = pair('conv2d', 'strides', options.strides ?? 1);
  const dilationRate = pair('conv2d', 'dilationRate', options.dilationRate ?? 1);
  const groups = positive('conv2d', 'groups', options.groups ?? 1);
  if (Math.max(...strides) > 1 && Math.max(...dilationRate) > 1) {
    throw new OptionError('conv2d: strides and dilationRate cannot both be above 1.');
  }
  if (filters % groups !== 0) {
    throw new OptionError(`conv2d: ${filters} filters cannot be split into ${groups} groups.`);
  }
  return {
    type: 'conv2d',
    ...common('conv2d', options, OPTIONS),
    filters,
    kernelSize: pair('conv2d', 'kernelSize', options.kernelSize),
    strides,
    padding: oneOf('conv2d', 'padding', options.padding ?? 'valid', ['valid', 'same']),
    ...(Math.max(...dilationRate) > 1 && { dilationRate }),
    ...(groups > 1 && { groups }),
    activation: activationOption('conv2d', options.activation ?? 'linear'),
    ...(flag('conv2d', 'useBias', options.useBias ?? true) ? {} : { useBias: false }),
    ...weightOptions('conv2d', options, KERNEL_AND_BIAS),
  };
}

export const conv2dDefinition: LayerDefinition<Conv2dData> = {
  type: 'conv2d',
  kerasName: 'Conv2D',
  baseName: 'conv2d',
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
  describe: ({ filters, kernelSize, activation }) =>
    `${filters} filters of ${kernelSize.join('×')}${activationText(activation)}`,
};
