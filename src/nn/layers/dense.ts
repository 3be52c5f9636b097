import { activationOption } from '../activations/registry.ts';
import { convolution } from '../operations/convolution.ts';
import { denseOperation } from '../operations/dense.ts';
import { size } from '../shape.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { common, flag, positive, type LayerOptions } from './options.ts';
import { kernelAndBias, KERNEL_AND_BIAS } from './weights.ts';
import { weightOptionNames, weightOptions, type WeightData, type WeightOptions } from './weightOptions.ts';
import { activationText, withActivation } from './withActivation.ts';

export interface DenseOptions extends LayerOptions, WeightOptions<'kernel' | 'bias'> {
  /** How many outputs. */
  units: number;
  /** 'linear' by default. */
  activation?: string;
  /** Whether a bias is added; true by default. */
  useBias?: boolean;
}

export interface DenseData extends Spec, WeightData<'kernel' | 'bias'> {
  readonly type: 'dense';
  readonly units: number;
  readonly activation: string;
  /** Left out if true. */
  readonly useBias?: boolean;
}

/** A fully connected layer. @throws OptionError for an option out of range */
export function dense(options: DenseOptions = {} as DenseOptions): DenseData & Applicable {
  return applicable(parse(options), denseDefinition);
}

function parse(given: object): DenseData {
  const options = given as DenseOptions;
  return {
    type: 'dense',
    ...common('dense', options, ['units', 'activation', 'useBias', ...weightOptionNames(KERNEL_AND_BIAS)]),
    units: positive('dense', 'units', options.units),
    activation: activationOption('dense', options.activation ?? 'linear'),
    ...(flag('dense', 'useBias', options.useBias ?? true) ? {} : { useBias: false }),
    ...weightOptions('dense', options, KERNEL_AND_BIAS),
  };
}

export const denseDefinition: LayerDefinition<DenseData> = {
  type: 'dense',
  inputs: 'one',
  parse,
  build: (spec, { name, inputShapes: [input], convolution: choice }) => {
    const { units, useBias = true, activation } = spec;
    const inputs = input!.at(-1)!;
    const { weights, names } = kernelAndBias(name, spec, [inputs, units], useBias, {
      fanIn: inputs,
      fanOut: units,
    });
    const outputShape = [...input!.slice(0, -1), units];
    // Of images it takes each pixel by itself, as Keras does, and rows are images of one row of pixels.
    const images = input!.length === 2 ? [1, ...input!] : input!;
    const operation =
      input!.length === 1
        ? denseOperation(name, inputs, units, names)
        : { ...convolution({ name, filters: units, ...ONE_BY_ONE }, names, images, choice), outputShape };
    return {
      outputShape,
      weights,
      multiplyAdds: size(input!) * units,
      operations: () => withActivation(name, activation, [operation]),
    };
  },
  describe: ({ units, activation }) => `${units} units${activationText(activation)}`,
};

const ONE_BY_ONE = {
  kernelSize: [1, 1],
  strides: [1, 1],
  padding: 'valid',
  dilationRate: [1, 1],
  groups: 1,
} as const;
