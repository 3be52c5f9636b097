import { windowGeometry, type Padding, type Pair, type Shape } from '../shape.ts';
import { epilogueOf } from '../activations/activation.ts';
import { activationOption } from '../activations/registry.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import { activationText } from './activationText.ts';
import type { Conv2dSpec, ConvolutionChoice } from './convolutionAlgorithm.ts';
import { together } from './correlation.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { mustBeImages } from './inputs.ts';
import { im2col } from './im2col.ts';
import type { Layer } from './layer.ts';
import { common, flag, oneOf, pair, positive, type LayerOptions, type Size } from './options.ts';
import { pooledConvolution, suitsPooling } from './pooledConvolution.ts';
import { suitsWinograd, winograd } from './winograd.ts';
import { withoutBias } from './withoutBias.ts';

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
  build: (spec, { name, inputShapes: [input], trainable, convolution }) => {
    mustBeImages('conv2d', name, input!);
    const activation = epilogueOf(spec.activation);
    const layer = conv2dLayer({ ...spec, name, activation }, input!, convolution, trainable);
    return spec.useBias === false ? withoutBias(layer) : layer;
  },
  describe: ({ filters, kernelSize, activation }) =>
    `${filters} filters of ${kernelSize.join('×')}${activationText(activation)}`,
};

/** @param choice  the algorithm to use where the layer suits it; `auto` is the fastest */
export function conv2dLayer(
  spec: Conv2dSpec,
  inputShape: Shape,
  choice: ConvolutionChoice = 'auto',
  trainable = true,
): Layer {
  const { name, filters, kernelSize, strides, padding, activation } = spec;
  const channels = inputShape[2]!;
  const geometry = windowGeometry(inputShape, kernelSize, strides, padding, name);
  const algorithm = choice !== 'im2col' && suitsWinograd(spec, channels) ? winograd : im2col;
  const passes = algorithm(spec, geometry, inputShape);
  const taps = kernelSize[0] * kernelSize[1];
  const fans = { fanIn: taps * channels, fanOut: taps * filters };
  const layer: Layer = {
    type: spec.type,
    name,
    activation,
    inputShape,
    outputShape: [geometry.height, geometry.width, filters],
    weights: [
      {
        name: 'kernel',
        shape: [...kernelSize, channels, filters],
        initializer: 'glorotUniform',
        trainable,
        ...fans,
      },
      { name: 'bias', shape: [filters], initializer: 'zeros', trainable, ...fans },
    ],
    inputMargins: passes.inputMargins,
    gradientMargins: passes.gradientMargins,
    writesMargins: true,
    masksRelu: false,
    planForward: (plan) => passes.planForward(plan),
    planBackward: (plan) => {
      const filter = passes.planFilterGradient(plan);
      const input = plan.dInput && passes.planInputGradient(plan, plan.dInput);
      return {
        prepare: input?.prepare ?? [],
        backward: (count) => together([filter.backward(count), ...(input?.backward(count) ?? [])]),
        finish: filter.finish,
      };
    },
  };
  if (choice !== 'auto') return layer;
  return {
    ...layer,
    withPooling: (pooling) =>
      suitsPooling(spec) ? pooledConvolution(spec, geometry, passes, layer, pooling) : undefined,
  };
}
