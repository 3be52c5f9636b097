/** A convolution with the 2×2 max pooling behind it as one operation: see assembly/convolution/pooled/lists.ts. */
import { call, inGrains } from '../../engine/call.ts';
import type { Address } from '../../engine/pointer.ts';
import { together, type Instruction } from '../../engine/program.ts';
import { NO_MARGINS, size, type Margins, type WindowGeometry } from '../shape.ts';
import { place } from '../view.ts';
import { isPlain, type ConvolutionAlgorithm, type ConvolutionSpec } from './convolutionAlgorithm.ts';
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
  return (isPlain(spec, 3) || isPlain(spec, 5)) && spec.clamp.ceiling === Infinity;
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

/** Entries that a list should have at least, for the sums of its taps to be fetched seldom. */
const LONG_LIST = 72;
/** Bytes of planes that stay in the L1 cache beside a list. */
const PLANES = 1 << 14;
/** Bytes of a filter that stay in the L2 cache; one that does not is fetched once for several images. */
const NEAR_FILTER = 1 << 20;
/** Bytes of the lists of these images. */
const NEAR_LISTS = 3 << 16;

/** How many images are listed together for the gradient of the filter. */
function imagesForFilter(pixels: number, planeBytes: number): number {
  return Math.max(1, Math.min(Math.ceil(LONG_LIST / pixels), Math.floor(PLANES / planeBytes)));
}

/** How many images are listed together for the gradient of the input. */
function imagesForInput(filterBytes: number, listBytes: number): number {
  return filterBytes <= NEAR_FILTER ? 1 : Math.max(1, Math.min(8, Math.floor(NEAR_LISTS / listBytes)));
}

function planBackward(
  { name, filters, kernelSize: [taps], clamp }: ConvolutionSpec,
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
    taps,
  };
  const groups = Math.ceil(input.channels / 4);
  // With 3×3 taps wide builds work on planes of eight channels if they can, all others of four.
  const planePixel = taps === 3 && input.channels % 8 === 0 ? 32 : 16;
  const allTaps = taps * taps;
  const border = taps - 1;
  const pixels = output.height * output.width;
  const { partials, finish } = planShards(context, name, allTaps * input.channels, filters, gradients);
  const filterPlane = planePixel * (2 * output.height + border) * (2 * output.width + border);
  const filterImages = imagesForFilter(pixels, filterPlane);
  const filterScratch = context.scratch(
    filterImages * filterPlane + filters * (12 + 8 * filterImages * pixels + 64 + 16 * allTaps * groups) + 24,
  );
  const filter = (count: number): Instruction[] =>
    gradients.kernel === undefined
      ? []
      : [
          call('pooledBackwardFilter', `${name} dFilter`, shardsOf(count), {
            ...place('input', { ...input, address: firstTap(input, margins) }),
            ...pooled,
            batch: count,
            images: filterImages,
            shards: shardsOf(count),
            partials,
            scratch: filterScratch,
          }),
        ];
  if (!dInput) return { backward: filter, finish };
  const packedBytes = groups * 16 * allTaps * filters;
  const packed = context.allocate(packedBytes);
  const planeRow = Math.max(2 * output.width + border, margins.left + dInput.width);
  const plane = Math.max(2 * output.height + border, margins.top + dInput.height) * planeRow;
  const images = imagesForInput(packedBytes, 8 * filters * pixels);
  const scratch = context.scratch(
    planePixel * plane + images * (8 * filters + 16) * pixels + 32 * filters + 272,
  );
  const toInput = (count: number): Instruction =>
    call('pooledBackwardInput', `${name} dInput`, inGrains(count, images), {
      ...pooled,
      filter: packed,
      ...place('dInput', dInput),
      inputHeight: dInput.height,
      inputWidth: dInput.width,
      padTop: margins.top,
      padLeft: margins.left,
      images,
      scratch,
    });
  return {
    prepare: [
      call('packFilterByOutput', `${name} pack`, groups, {
        filter: weights.kernel!,
        inputs: input.channels,
        outputs: filters,
        taps,
        packed,
      }),
    ],
    backward: (count) => together([...filter(count), toInput(count)]),
    finish,
  };
}
