/** A dense layer: a 1×1 convolution over a row of pixels that are the images of the batch. */
import { call, inGrains } from '../../engine/call.ts';
import { offsetBy, type Address } from '../../engine/pointer.ts';
import { together, type Instruction } from '../../engine/program.ts';
import { NO_CLAMP, type ActivationDefinition, type Clamp } from '../activations/activation.ts';
import type { ConvolutionWeights } from './convolution.ts';
import type { FilterGradientPlan } from './convolutionAlgorithm.ts';
import { panelBytes, product, TILE } from './correlation.ts';
import { foldedForward } from './folding.ts';
import type {
  Affine,
  BackwardArguments,
  BackwardPlan,
  ForwardArguments,
  ForwardPlan,
  Operation,
} from './operation.ts';

/** How many images are packed at a time for the gradient of the kernel. */
const CHUNK = 64;

/** How many tiles of the gradient of a kernel are made together at least: the gradient of the output is packed for them. */
export const KERNEL_GRAIN = 8;

interface Parts {
  readonly name: string;
  readonly inputs: number;
  readonly units: number;
  readonly weights: ConvolutionWeights;
  readonly clamp: Clamp;
  readonly epilogue?: ActivationDefinition;
  readonly affine?: Affine;
}

/** output [units] = bias + input [inputs] · kernel [inputs, units] */
export function denseOperation(
  name: string,
  inputs: number,
  units: number,
  weights: ConvolutionWeights,
): Operation {
  return fusible({ name, inputs, units, weights, clamp: NO_CLAMP });
}

function fusible(parts: Parts): Operation {
  const { name, inputs, units, weights, epilogue, affine } = parts;
  const matrix = { name, rows: inputs, channels: units };
  return {
    name,
    outputShape: [units],
    weights: { ...weights, ...affine?.weights },
    keepsInput: true,
    keepsOutput: epilogue !== undefined,
    ...(epilogue && { epilogue }),
    plan: (plan) => ({
      ...foldedForward(affine, matrix, plan, (folded) => planForward(parts, folded)),
      backward: (backward) => planBackward(parts, plan, backward),
    }),
    ...(!epilogue && {
      withActivation: ({ clamp, ...activation }: ActivationDefinition, training: boolean) =>
        clamp && (!training || activation.fromOutput)
          ? fusible({ ...parts, clamp, epilogue: { ...activation, clamp } })
          : undefined,
      ...(!affine && { withAffine: (behind: Affine) => fusible({ ...parts, affine: behind }) }),
    }),
  };
}

function planForward(
  { name, inputs, units, clamp }: Parts,
  { context, input, output, weights }: ForwardArguments,
): ForwardPlan {
  const panels = context.allocate(panelBytes(inputs, units));
  const multiply = product(context, `${name} forward`, {
    input: input.address,
    stepX: input.image,
    segment: inputs,
    filter: panels,
    output: output.address,
    outputPixel: output.image,
    width: 'batch',
    channels: units,
    clamp,
  });
  return {
    prepare: [
      call('packFilter', `${name} pack`, Math.ceil(units / TILE.columns), {
        filter: weights.kernel!,
        filterRow: units * 4,
        bias: weights.bias ?? context.zeros(units * 4),
        depth: inputs,
        columns: units,
        panels,
      }),
    ],
    forward: (count) => [multiply(count)],
  };
}

function planBackward(parts: Parts, forward: ForwardArguments, backward: BackwardArguments): BackwardPlan {
  const kernel =
    backward.gradients.kernel === undefined ? undefined : kernelGradient(parts, forward, backward);
  const finish = (count: number): readonly Instruction[] => kernel?.finish(count) ?? [];
  const { dInput, dOutput } = backward;
  if (!dInput) return { backward: (count) => kernel?.backward(count) ?? [], finish };
  const { context, weights } = forward;
  const { name, inputs, units } = parts;
  const panels = context.allocate(panelBytes(units, inputs));
  const multiply = product(context, `${name} dInput`, {
    input: dOutput.address,
    stepX: dOutput.image,
    segment: units,
    filter: panels,
    output: dInput.address,
    outputPixel: dInput.image,
    width: 'batch',
    channels: inputs,
    clamp: NO_CLAMP,
  });
  return {
    prepare: [
      call('packFilterTransposed', `${name} pack`, Math.ceil(inputs / TILE.columns), {
        filter: weights.kernel!,
        filterRow: units * 4,
        kernelWidth: 1,
        inputs,
        outputs: units,
        lastY: 0,
        lastX: 0,
        stepY: 1,
        stepX: 1,
        tapsY: 1,
        tapsX: 1,
        panels,
      }),
    ],
    backward: (count) => together([...(kernel?.backward(count) ?? []), multiply(count)]),
    finish,
  };
}

function kernelGradient(
  { name, inputs, units }: Parts,
  { context, input }: ForwardArguments,
  { gradients, dOutput }: BackwardArguments,
): FilterGradientPlan {
  const rows = Math.ceil(inputs / TILE.rows) * TILE.rows;
  const columns = Math.ceil(units / TILE.columns) * TILE.columns;
  const rowBytes = columns * 4;
  const kernel = gradients.kernel!;
  // Where nothing is rounded up and the bias follows the kernel, the result can go where it belongs at once.
  const follows = gradients.bias !== undefined && isBehind(gradients.bias, kernel, rows * rowBytes);
  const inPlace = rows === inputs && columns === units && follows;
  const result = inPlace ? kernel : context.allocate((rows + 1) * rowBytes);
  const scratch = context.scratch(32 + CHUNK * (8 + 32 + rowBytes));
  const copy = (from: Address, to: Address, items: number): Instruction =>
    call('sumShards', `${name} sum`, items, {
      partials: from,
      shards: 1,
      shardBytes: 0,
      columns: units,
      output: to,
      outputRow: units * 4,
    });
  return {
    backward: (count) => [
      call('denseBackwardKernel', `${name} dKernel`, inGrains(rows / TILE.rows, KERNEL_GRAIN), {
        input: input.address,
        inputRow: input.image,
        inputs,
        dOutput: dOutput.address,
        batch: count,
        outputs: units,
        chunk: CHUNK,
        dKernel: result,
        scratch,
      }),
    ],
    finish: inPlace
      ? () => []
      : () => [
          copy(result, kernel, inputs),
          ...(gradients.bias === undefined
            ? []
            : [copy(offsetBy(result, rows * rowBytes), gradients.bias, 1)]),
        ],
  };
}

function isBehind(address: Address, from: Address, bytes: number): boolean {
  if (typeof address === 'number' || typeof from === 'number') return address === offsetBy(from, bytes);
  return address.buffer === from.buffer && address.offset === from.offset + bytes;
}
