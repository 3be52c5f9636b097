import { activationOption } from '../activations/registry.ts';
import { convolution } from '../operations/convolution.ts';
import type { Padding, Pair } from '../shape.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { mustBeImages } from './inputs.ts';
import { common, flag, oneOf, pair, positive, type LayerOptions, type Size } from './options.ts';
import { kernelAndBias } from './weights.ts';
import { activationText, withActivation } from './withActivation.ts';

export interface Conv2dOptions extends LayerOptions {
  /** How many filters, hence channels of the output. */
  filters: number;
  kernelSize: Size;
  /** 1 by default. */
  strides?: Size;
  /** 'valid' by default. */
  padding?: Padding;
  /** 'linear' by default. */
  activation?: string;
  /** Whether a bias is added; true by default. */
  useBias?: boolean;
}

export interface Conv2dData extends Spec {
  readonly type: 'conv2d';
  readonly filters: number;
  readonly kernelSize: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
  readonly activation: string;
  /** Left out if true. */
  readonly useBias?: boolean;
}

/** A convolution of images [height, width, channels]. @throws OptionError for an option out of range */
export function conv2d(options: Conv2dOptions): Conv2dData & Applicable {
  return applicable(parse(options));
}

function parse(given: object): Conv2dData {
  const options = given as Conv2dOptions;
  return {
    type: 'conv2d',
    ...common('conv2d', options, ['filters', 'kernelSize', 'strides', 'padding', 'activation', 'useBias']),
    filters: positive('conv2d', 'filters', options.filters),
    kernelSize: pair('conv2d', 'kernelSize', options.kernelSize),
    strides: pair('conv2d', 'strides', options.strides ?? 1),
    padding: oneOf('conv2d', 'padding', options.padding ?? 'valid', ['valid', 'same']),
    activation: activationOption('conv2d', options.activation ?? 'linear'),
    ...(flag('conv2d', 'useBias', options.useBias ?? true) ? {} : { useBias: false }),
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
    const { filters, kernelSize, useBias = true, activation } = spec;
    const taps = kernelSize[0] * kernelSize[1];
    const channels = input![2]!;
    const { weights, names } = kernelAndBias(name, [...kernelSize, channels, filters], useBias, {
      fanIn: taps * channels,
      fanOut: taps * filters,
    });
    const settings = { ...spec, name, dilationRate: [1, 1], groups: 1 } as const;
    const operation = convolution(settings, names, input!, choice);
    const [height, width] = operation.outputShape as [number, number, number];
    return {
      outputShape: operation.outputShape,
      weights,
      multiplyAdds: taps * channels * filters * height * width,
      operations: () => withActivation(name, activation, [operation]),
    };
  },
  describe: ({ filters, kernelSize, activation }) =>
    `${filters} filters of ${kernelSize.join('×')}${activationText(activation)}`,
};
