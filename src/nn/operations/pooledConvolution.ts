/** A convolution with the 2×2 max pooling behind it as one operation: see assembly/convolution/pooled/lists.ts. */
import { call } from '../../engine/call.ts';
import type { Address } from '../../engine/pointer.ts';
import { together, type Instruction } from '../../engine/program.ts';
import { NO_MARGINS, size, type Margins, type WindowGeometry } from '../shape.ts';
import { place } from '../view.ts';
import { is3x3WithStride1, type ConvolutionAlgorithm, type ConvolutionSpec } from './convolutionAlgorithm.ts';
import { firstTap } from './correlation.ts';
import { planShards, shardsOf } from './filterShards.ts';
import type {
  BackwardArguments,
  BackwardPlan,
  ForwardArguments,
  ForwardPlan,
  Operation,
} from './operation.ts';
import { planPooledForward, suitsWinograd2x2 } from './winograd2x2.ts';

/** Whether a convolution and a 2×2 max pooling behind it can be one operation. */
export function suitsPooling(spec: ConvolutionSpec): boolean {
  return is3x3WithStride1(spec) && spec.filters % 4 === 0 && spec.clamp.ceiling === Infinity;
}

/** Plans a forward pass with whatever is folded into the weights. */
export type Fold = (plan: ForwardArguments, build: (plan: ForwardArguments) => ForwardPlan) => ForwardPlan;

export function pooledConvolution(
  spec: ConvolutionSpec,
  geometry: WindowGeometry,
  algorithm: ConvolutionAlgorithm,
  { name, weights }: Operation,
  { outputShape }: Operation,
  fold: Fold,
): Operation {
  return {
    name,
    ...(weights && { weights }),
    outputShape,
    inputMargins: algorithm.inputMargins,
    gradientMargins: NO_MARGINS,
    keepsInput: true,
    keepsOutput: true,
    plan: (plan) => {
      const argmax = plan.context.allocate(plan.context.batch * size(outputShape) * 4);
      return {
        ...fold(plan, (folded) =>
          suitsWinograd2x2(spec, plan.input.channels)
            ? planPooledForward(spec, geometry, folded, argmax)
            : algorithm.planPooledForward!(spec, folded, argmax),
        ),
        backward: (backward) => planBackward(spec, geometry.margins, argmax, plan, backward),
      };
    },
  };
}

function planBackward(
  { name, filters, clamp }: ConvolutionSpec,
  margins: Margins,
  argmax: Address,
  { context, input, output, weights }: ForwardArguments,
  { dOutput, dInput, gradients }: BackwardArguments,
): BackwardPlan {
  const pooled = {
    ...place('dPooled', dOutput),
    ...place('pooled', output),
    argmax,
    relu: clamp.floor === 0 ? 1 : 0,
    height: output.height,
    width: output.width,
    outputs: filters,
    inputs: input.channels,
  };
  const groups = Math.ceil(input.channels / 4);
  // Wide builds work on planes of eight channels if they can, all others of four.
  const planePixel = input.channels % 8 === 0 ? 32 : 16;
  const pixels = output.height * output.width;
  const { partials, finish } = planShards(context, name, 9 * input.channels, filters, gradients);
  const filterScratch = context.scratch(
    planePixel * (2 * output.height + 2) * (2 * output.width + 2) +
      filters * (12 + 8 * pixels + 64 + 144 * groups),
  );
  const filter = (count: number): Instruction[] =>
    gradients.kernel === undefined
      ? []
      : [
          call('pooledBackwardFilter', `${name} dFilter`, shardsOf(count), {
            ...place('input', { ...input, address: firstTap(input, margins) }),
            ...pooled,
            batch: count,
            shards: shardsOf(count),
            partials,
            scratch: filterScratch,
          }),
        ];
  if (!dInput) return { backward: filter, finish };
  const packed = context.allocate(groups * 144 * filters);
  const planeRow = Math.max(2 * output.width + 2, margins.left + dInput.width);
  const plane = Math.max(2 * output.height + 2, margins.top + dInput.height) * planeRow;
  const scratch = context.scratch(planePixel * plane + 8 * filters * (pixels + 4) + 16 * pixels + 272);
  const toInput = (count: number): Instruction =>
    call('pooledBackwardInput', `${name} dInput`, count, {
      ...pooled,
      filter: packed,
      ...place('dInput', dInput),
      inputHeight: dInput.height,
      inputWidth: dInput.width,
      padTop: margins.top,
      padLeft: margins.left,
      scratch,
    });
  return {
    prepare: [
      call('packFilterByOutput', `${name} pack`, groups, {
        filter: weights.kernel!,
        inputs: input.channels,
        outputs: filters,
        packed,
      }),
    ],
    backward: (count) => together([...filter(count), toInput(count)]),
    finish,
  };
}
