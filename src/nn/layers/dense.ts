import type { Instruction } from '../../engine/program.ts';
import { NO_MARGINS, type Shape } from '../shape.ts';
import { epilogueOf } from '../activations/activation.ts';
import { activationOption } from '../activations/registry.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import { activationText } from './activationText.ts';
import type { FilterGradientPlan } from './convolutionAlgorithm.ts';
import { correlation, panelBytes, TILE, together } from './correlation.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { mustBeVectors } from './inputs.ts';
import type {
  Activation,
  BackwardArguments,
  BackwardPlan,
  ForwardArguments,
  ForwardPlan,
  Layer,
} from './layer.ts';
import { common, flag, positive, type LayerOptions } from './options.ts';
import { withoutBias } from './withoutBias.ts';

export interface DenseOptions extends LayerOptions {
  /** How many outputs. */
  units: number;
  /** 'linear' by default; 'softmax' only on the last layer. */
  activation?: string;
  /** Whether a bias is added; true by default. */
  useBias?: boolean;
}

export interface DenseData extends Spec {
  readonly type: 'dense';
  readonly units: number;
  readonly activation: string;
  /** Left out if true. */
  readonly useBias?: boolean;
}

/** A fully connected layer. @throws OptionError for an option out of range */
export function dense(options: DenseOptions): DenseData & Applicable {
  return applicable(parse(options));
}

function parse(given: object): DenseData {
  const options = given as DenseOptions;
  return {
    type: 'dense',
    ...common('dense', options, ['units', 'activation', 'useBias']),
    units: positive('dense', 'units', options.units),
    activation: activationOption('dense', options.activation ?? 'linear'),
    ...(flag('dense', 'useBias', options.useBias ?? true) ? {} : { useBias: false }),
  };
}

export const denseDefinition: LayerDefinition<DenseData> = {
  type: 'dense',
  kerasName: 'Dense',
  baseName: 'dense',
  inputs: 'one',
  parse,
  build: (spec, { name, inputShapes: [input], trainable }) => {
    mustBeVectors('dense', name, input!);
    const layer = denseLayer({ ...spec, name, activation: epilogueOf(spec.activation) }, input!, trainable);
    return spec.useBias === false ? withoutBias(layer) : layer;
  },
  describe: ({ units, activation }) => `${units} units${activationText(activation)}`,
};

/** The options of a dense layer, complete. Its kernel is [inputs, units]. */
export interface DenseSpec {
  readonly type: 'dense';
  readonly name: string;
  readonly units: number;
  readonly activation: Activation;
}

/** How many images are packed at a time for the gradient of the kernel. */
const CHUNK = 64;

/** A dense layer: a 1×1 convolution over a row of pixels that are the images of the batch. */
export function denseLayer(spec: DenseSpec, inputShape: Shape, trainable = true): Layer {
  const inputs = inputShape[0]!;
  const fans = { fanIn: inputs, fanOut: spec.units };
  return {
    type: spec.type,
    name: spec.name,
    activation: spec.activation,
    inputShape,
    outputShape: [spec.units],
    weights: [
      { name: 'kernel', shape: [inputs, spec.units], initializer: 'glorotUniform', trainable, ...fans },
      { name: 'bias', shape: [spec.units], initializer: 'zeros', trainable, ...fans },
    ],
    inputMargins: NO_MARGINS,
    gradientMargins: NO_MARGINS,
    writesMargins: false,
    masksRelu: false,
    planForward: (plan) => planForward(spec, inputs, plan),
    planBackward: (plan) => planBackward(spec, inputs, plan),
  };
}

function planForward(
  { name, units, activation }: DenseSpec,
  inputs: number,
  plan: ForwardArguments,
): ForwardPlan {
  const { context, input, output, weights } = plan;
  const panels = context.arena.allocate(panelBytes(inputs, units));
  const correlate = correlation(context, `${name} forward`, {
    input: input.address,
    inputImage: 0,
    inputRow: 0,
    stepY: 0,
    stepX: input.image,
    kernelHeight: 1,
    segment: inputs,
    filter: panels,
    output: output.address,
    outputImage: 0,
    outputRow: 0,
    outputPixel: output.image,
    height: 1,
    width: 'batch',
    channels: units,
    relu: activation === 'relu',
  });
  return {
    prepare: [
      {
        label: `${name} pack`,
        kernel: 'packFilter',
        arguments: [weights.kernel!, units * 4, weights.bias!, inputs, units, panels],
        items: Math.ceil(units / TILE.columns),
      },
    ],
    forward: (count) => [correlate(count)],
  };
}

function planBackward(spec: DenseSpec, inputs: number, plan: BackwardArguments): BackwardPlan {
  const kernel = planKernelGradient(spec, inputs, plan);
  const { dInput } = plan;
  if (!dInput) {
    return { prepare: [], backward: (count) => [kernel.backward(count)], finish: kernel.finish };
  }
  const { context, weights, dOutput } = plan;
  const { name, units } = spec;
  const panels = context.arena.allocate(panelBytes(units, inputs));
  const correlate = correlation(context, `${name} dInput`, {
    input: dOutput.address,
    inputImage: 0,
    inputRow: 0,
    stepY: 0,
    stepX: dOutput.image,
    kernelHeight: 1,
    segment: units,
    filter: panels,
    output: dInput.address,
    outputImage: 0,
    outputRow: 0,
    outputPixel: dInput.image,
    height: 1,
    width: 'batch',
    channels: inputs,
    relu: false,
  });
  return {
    prepare: [
      {
        label: `${name} pack`,
        kernel: 'packFilterTransposed',
        arguments: [weights.kernel!, units * 4, 1, inputs, units, 0, 0, 1, 1, 1, 1, panels],
        items: Math.ceil(inputs / TILE.columns),
      },
    ],
    backward: (count) => together([kernel.backward(count), correlate(count)]),
    finish: kernel.finish,
  };
}

function planKernelGradient(
  { name, units }: DenseSpec,
  inputs: number,
  { context, input, gradients, dOutput }: BackwardArguments,
): FilterGradientPlan {
  const rows = Math.ceil(inputs / TILE.rows) * TILE.rows;
  const columns = Math.ceil(units / TILE.columns) * TILE.columns;
  const rowBytes = columns * 4;
  // Where nothing is rounded up and the bias follows the kernel, the result can go where it belongs at once.
  const inPlace =
    rows === inputs && columns === units && gradients.bias === gradients.kernel! + rows * rowBytes;
  const result = inPlace ? gradients.kernel! : context.arena.allocate((rows + 1) * rowBytes);
  context.reserveScratch(CHUNK * (8 + 32 + rowBytes));
  const copy = (from: number, to: number, items: number): Instruction => ({
    label: `${name} sum`,
    kernel: 'sumShards',
    arguments: [from, 1, 0, units, to, units * 4],
    items,
  });
  return {
    backward: (count) => ({
      label: `${name} dKernel`,
      kernel: 'denseBackwardKernel',
      arguments: [
        input.address,
        input.image,
        inputs,
        dOutput.address,
        count,
        units,
        CHUNK,
        result,
        'scratch',
      ],
      items: rows / TILE.rows,
    }),
    finish: inPlace
      ? () => []
      : () => [copy(result, gradients.kernel!, inputs), copy(result + rows * rowBytes, gradients.bias!, 1)],
  };
}
