/** A convolution of each channel by filters of its own as an operation: the passes of assembly/convolution/depthwise. */
import { call } from '../../engine/call.ts';
import { together, type Instruction } from '../../engine/program.ts';
import { NO_CLAMP, type ActivationDefinition, type Clamp } from '../activations/activation.ts';
import { windowGeometry, type Margins, type Padding, type Pair, type Shape } from '../shape.ts';
import { place, type View } from '../view.ts';
import type { ConvolutionWeights } from './convolution.ts';
import { firstTap } from './correlation.ts';
import { planShardSums, shardsOf, type FilterShards } from './filterShards.ts';
import { foldedForward } from './folding.ts';
import type {
  Affine,
  BackwardArguments,
  BackwardPlan,
  ForwardArguments,
  ForwardPlan,
  Operation,
} from './operation.ts';

/** Kernels are [height, width, inputs, multiplier]. */
export interface DepthwiseSpec {
  readonly name: string;
  readonly kernelSize: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
  readonly dilationRate: Pair;
  /** How many outputs each channel has. */
  readonly depthMultiplier: number;
}

/** What a depthwise convolution is made of, and what has been fused into it. */
interface Parts {
  readonly spec: DepthwiseSpec;
  readonly weights: ConvolutionWeights;
  readonly input: Shape;
  /** [height, width, inputs · multiplier] */
  readonly outputShape: Shape;
  /** Zeros that are read around the input, and around dOutput. */
  readonly margins: Margins;
  readonly gradientMargins: Margins;
  readonly clamp: Clamp;
  readonly epilogue?: ActivationDefinition;
  readonly affine?: Affine;
}

/** @throws OptionError if the kernel does not fit into the input */
export function depthwise(spec: DepthwiseSpec, weights: ConvolutionWeights, input: Shape): Operation {
  const { name, kernelSize, strides, padding, dilationRate, depthMultiplier } = spec;
  const geometry = windowGeometry(input, kernelSize, strides, padding, name, dilationRate);
  const { height, width, margins } = geometry;
  return fusible({
    spec,
    weights,
    input,
    outputShape: [height, width, input[2]! * depthMultiplier],
    margins,
    gradientMargins: gradientMargins(spec, input, [height, width], margins),
    clamp: NO_CLAMP,
  });
}

/** The zeros that are read around dOutput: see assembly/convolution/depthwise/inputGradient.ts. */
function gradientMargins(
  { kernelSize, strides, dilationRate }: DepthwiseSpec,
  input: Shape,
  output: Pair,
  { top, left }: Margins,
): Margins {
  const before = (axis: 0 | 1, pad: number): number =>
    Math.max(0, Math.ceil(((kernelSize[axis] - 1) * dilationRate[axis] - pad) / strides[axis]));
  const behind = (axis: 0 | 1, pad: number): number =>
    Math.max(0, Math.floor((pad + input[axis]! - 1) / strides[axis]) - output[axis] + 1);
  return { top: before(0, top), left: before(1, left), bottom: behind(0, top), right: behind(1, left) };
}

function fusible(parts: Parts): Operation {
  const { spec, weights, outputShape, margins, epilogue, affine } = parts;
  const { name, kernelSize } = spec;
  const matrix = { name, rows: kernelSize[0] * kernelSize[1], channels: outputShape[2]! };
  const operation: Operation = {
    name,
    outputShape,
    weights: { ...weights, ...affine?.weights },
    inputMargins: margins,
    gradientMargins: parts.gradientMargins,
    keepsInput: true,
    keepsOutput: epilogue !== undefined,
    ...(epilogue && { epilogue }),
    plan: (plan) => ({
      ...foldedForward(affine, matrix, plan, (folded) => planForward(parts, folded)),
      backward: (backward) => planBackward(parts, plan, backward),
    }),
  };
  if (epilogue) return operation;
  return {
    ...operation,
    withActivation: ({ clamp, ...activation }, training) =>
      clamp && (!training || activation.fromOutput)
        ? fusible({ ...parts, clamp, epilogue: { ...activation, clamp } })
        : undefined,
    ...(affine ? {} : { withAffine: (behind) => fusible({ ...parts, affine: behind }) }),
  };
}

function planForward(
  { spec, outputShape, margins, clamp }: Parts,
  { context, input, output, weights }: ForwardArguments,
): ForwardPlan {
  const [height, width] = outputShape as [number, number];
  const scratch = context.scratch(scratchFloats(spec, input, [height, width]).forward * 4);
  return {
    prepare: [],
    forward: (count) => [
      call('depthwiseForward', `${spec.name} forward`, count * height, {
        ...place('input', { ...input, address: firstTap(input, margins) }),
        ...windowArguments(spec, input.channels),
        filter: weights.kernel!,
        bias: weights.bias ?? 0,
        ...place('output', output),
        height,
        width,
        ...clamp,
        scratch,
      }),
    ],
  };
}

function planBackward(parts: Parts, plan: ForwardArguments, backward: BackwardArguments): BackwardPlan {
  const { dInput, gradients } = backward;
  const filter = gradients.kernel === undefined ? undefined : planFilterGradient(parts, plan, backward);
  const toInput = dInput && planInputGradient(parts, plan, backward.dOutput, dInput);
  return {
    backward: (count) =>
      together([...(filter ? [filter.backward(count)] : []), ...(toInput ? [toInput(count)] : [])]),
    finish: (count) => filter?.finish(count) ?? [],
  };
}

function planFilterGradient(
  { spec, outputShape, margins }: Parts,
  { context, input }: ForwardArguments,
  { dOutput, gradients }: BackwardArguments,
): Pick<FilterShards, 'finish'> & { readonly backward: (count: number) => Instruction } {
  const [height, width, filters] = outputShape as [number, number, number];
  const depth = spec.kernelSize[0] * spec.kernelSize[1];
  const layout = { depth, filters, rows: depth, pitch: filters };
  const { partials, finish } = planShardSums(context, spec.name, layout, gradients);
  const scratch = context.scratch(scratchFloats(spec, input, [height, width]).filter * 4);
  return {
    finish,
    backward: (count) =>
      call('depthwiseBackwardFilter', `${spec.name} dFilter`, shardsOf(count), {
        ...place('input', { ...input, address: firstTap(input, margins) }),
        ...windowArguments(spec, input.channels),
        ...place('dOutput', dOutput),
        batch: count,
        height,
        width,
        shards: shardsOf(count),
        partials,
        scratch,
      }),
  };
}

function planInputGradient(
  { spec, outputShape, margins }: Parts,
  { context, input, weights }: ForwardArguments,
  dOutput: View,
  dInput: View,
): (count: number) => Instruction {
  const output: Pair = [outputShape[0]!, outputShape[1]!];
  const scratch = context.scratch(scratchFloats(spec, input, output).input * 4);
  return (count) =>
    call('depthwiseBackwardInput', `${spec.name} dInput`, count * input.height, {
      ...place('dOutput', dOutput),
      ...windowArguments(spec, input.channels),
      padTop: margins.top,
      padLeft: margins.left,
      filter: weights.kernel!,
      ...place('dInput', dInput),
      inputHeight: input.height,
      inputWidth: input.width,
      scratch,
    });
}

function windowArguments(spec: DepthwiseSpec, inputs: number): WindowArguments {
  return {
    kernelHeight: spec.kernelSize[0],
    kernelWidth: spec.kernelSize[1],
    strideY: spec.strides[0],
    strideX: spec.strides[1],
    dilationY: spec.dilationRate[0],
    dilationX: spec.dilationRate[1],
    inputs,
    multiplier: spec.depthMultiplier,
  };
}

type WindowArguments = Readonly<
  Record<
    | 'kernelHeight'
    | 'kernelWidth'
    | 'strideY'
    | 'strideX'
    | 'dilationY'
    | 'dilationX'
    | 'inputs'
    | 'multiplier',
    number
  >
>;

/** How much each pass wants for itself, where it copies pieces of images: see assembly/convolution/depthwise/gather.ts. */
function scratchFloats(
  { kernelSize, strides, dilationRate, depthMultiplier }: DepthwiseSpec,
  { channels, width: inputWidth }: View,
  [, width]: Pair,
): { readonly forward: number; readonly filter: number; readonly input: number } {
  const crowded = (channels * depthMultiplier) % 512 === 0;
  if (depthMultiplier === 1 && !crowded) return { forward: 0, filter: 0, input: 0 };
  const chunk = Math.max(32, depthMultiplier);
  const taps = kernelSize[0] * kernelSize[1];
  const [strideY, strideX] = strides;
  const reachY = (kernelSize[0] - 1) * dilationRate[0];
  const reachX = (kernelSize[1] - 1) * dilationRate[1];
  const read = (7 * strideY + reachY + 1) * ((width - 1) * strideX + reachX + 1);
  const forward = (taps + read) * chunk + 3;
  const sums = depthMultiplier > 1 ? (Math.ceil(inputWidth / strideX) * channels + 4) * depthMultiplier : 0;
  const rows = Math.floor((7 + reachY) / strideY) + 1;
  const columns = Math.floor((inputWidth - 1 + reachX) / strideX) + 1;
  return {
    forward,
    filter: forward + (8 * width + 1) * chunk + 4,
    input: sums + (crowded ? (taps + rows * columns) * chunk : 0),
  };
}
