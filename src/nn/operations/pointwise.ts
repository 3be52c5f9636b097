/** Convolution by 1×1 kernels as the product of pixels, read where they lie, with the filter: the passes of assembly/convolution/pointwise. */
import { call } from '../../engine/call.ts';
import type { Address } from '../../engine/pointer.ts';
import type { Instruction } from '../../engine/program.ts';
import { NO_CLAMP, type Clamp } from '../activations/activation.ts';
import { hasMargins, NO_MARGINS, type Margins, type Pair } from '../shape.ts';
import { partOf, place, type View } from '../view.ts';
import type {
  ConvolutionAlgorithm,
  ConvolutionBackward,
  ConvolutionSpec,
  FilterGradientPlan,
  InputGradientPlan,
} from './convolutionAlgorithm.ts';
import { panelBytes, TILE } from './correlation.ts';
import { planShards, shardsOf } from './filterShards.ts';
import type { ForwardArguments, ForwardPlan, PlanContext } from './operation.ts';

/** How much of the packed filter pixels are multiplied by in one go, in bytes: it should stay in the L2 cache. */
const GROUP_BYTES = 1 << 19;

/** How many pixels are packed at a time for the gradient of a filter. */
const CHUNK = 128;

/** Whether a convolution can be computed this way: without zeros around its input. */
export function suitsPointwise({ kernelSize, groups }: ConvolutionSpec, margins: Margins): boolean {
  return kernelSize[0] === 1 && kernelSize[1] === 1 && groups === 1 && !hasMargins(margins);
}

export function pointwise(spec: ConvolutionSpec): ConvolutionAlgorithm {
  return {
    inputMargins: NO_MARGINS,
    gradientMargins: NO_MARGINS,
    hasCeiling: true,
    planForward,
    planFilterGradient: (plan) => planFilterGradient(spec, plan),
    planInputGradient: (plan, dInput) => planInputGradient(spec, plan, dInput),
  };
}

function planForward(
  { name, filters, strides, clamp }: ConvolutionSpec,
  { context, input, output, weights }: ForwardArguments,
): ForwardPlan {
  const columns = Math.ceil(filters / TILE.columns);
  const panels = context.allocate(panelBytes(input.channels, filters));
  const label = `${name} forward`;
  const forward = product(context, label, everyNth(input, strides), panels, output, clamp);
  return {
    prepare: [
      call('packFilter', `${name} pack`, columns, {
        filter: weights.kernel!,
        filterRow: filters * 4,
        bias: weights.bias ?? context.zeros(filters * 4),
        depth: input.channels,
        columns: filters,
        panels,
      }),
    ],
    forward: (count) => [forward(count)],
  };
}

function planFilterGradient(
  { name, filters, strides }: ConvolutionSpec,
  { context, input, gradients, dOutput }: ConvolutionBackward,
): FilterGradientPlan {
  const { partials, finish } = planShards(context, name, input.channels, filters, gradients);
  const columns = Math.ceil(filters / TILE.columns) * TILE.columns;
  const scratch = context.scratch(64 + CHUNK * (24 + 4 * columns));
  const taken = everyNth(input, strides);
  return {
    backward: (count) => [
      call('pointwiseBackwardFilter', `${name} dFilter`, shardsOf(count), {
        ...place('input', taken),
        inputPixel: taken.pixel,
        ...place('dOutput', dOutput),
        batch: count,
        height: dOutput.height,
        width: dOutput.width,
        depth: input.channels,
        channels: filters,
        chunk: CHUNK,
        shards: shardsOf(count),
        partials,
        scratch,
      }),
    ],
    finish,
  };
}

function planInputGradient(
  { name, filters, strides }: ConvolutionSpec,
  { context, weights, dOutput }: ConvolutionBackward,
  dInput: View,
): InputGradientPlan {
  const inputs = dInput.channels;
  const label = `${name} dInput`;
  const columns = Math.ceil(inputs / TILE.columns);
  const panels = context.allocate(panelBytes(filters, inputs));
  const phases = phasesOf(dInput, strides).map((phase, i) =>
    i === 0
      ? product(context, label, dOutput, panels, phase, NO_CLAMP)
      : // No output has read these pixels: sums of nothing, and biases that are zero.
        product(
          context,
          label,
          { ...phase, channels: 0 },
          context.zeros(panelBytes(0, inputs)),
          phase,
          NO_CLAMP,
        ),
  );
  return {
    prepare: [
      call('packFilterTransposed', `${name} pack`, columns, {
        filter: weights.kernel!,
        filterRow: filters * 4,
        kernelWidth: 1,
        inputs,
        outputs: filters,
        lastY: 0,
        lastX: 0,
        stepY: 1,
        stepX: 1,
        tapsY: 1,
        tapsX: 1,
        panels,
      }),
    ],
    backward: (count) => phases.map((phase) => phase(count)),
  };
}

/** Plans output = pixels · filter, pixel by pixel. */
function product(
  context: PlanContext,
  label: string,
  pixels: View,
  filter: Address,
  output: View,
  clamp: Clamp,
): (count: number) => Instruction {
  const { height, width, channels } = output;
  const depth = pixels.channels;
  const panels = Math.ceil(channels / TILE.columns);
  // Two at a time where builds have room for that.
  const fitting = 2 * Math.max(1, Math.floor(GROUP_BYTES / (2 * panelBytes(depth, TILE.columns))));
  const panelsPerGroup = Math.min(panels, fitting);
  const groups = Math.ceil(panels / panelsPerGroup);
  const scratch = context.scratch(128);
  return (count) =>
    call('pointwiseCorrelate', label, Math.ceil((count * height * width) / TILE.rows) * groups, {
      ...place('input', pixels),
      inputPixel: pixels.pixel,
      filter,
      ...place('output', output),
      outputPixel: output.pixel,
      batch: count,
      height,
      width,
      depth,
      channels,
      ...clamp,
      panelsPerGroup,
      scratch,
    });
}

/** The pixels of a view that lie strides apart, from the first on. */
function everyNth(view: View, [strideY, strideX]: Pair): View {
  return {
    ...view,
    row: strideY * view.row,
    pixel: strideX * view.pixel,
    height: Math.ceil(view.height / strideY),
    width: Math.ceil(view.width / strideX),
  };
}

/** All pixels of a view, in parts whose pixels lie strides apart; the first part has the first pixel. */
function phasesOf(view: View, [strideY, strideX]: Pair): View[] {
  const starts = (extent: number, stride: number): number[] =>
    Array.from({ length: Math.min(extent, stride) }, (_, i) => i);
  return starts(view.height, strideY).flatMap((y) =>
    starts(view.width, strideX).map((x) => {
      const rows = partOf(view, 0, y, view.height - y);
      return everyNth(partOf(rows, 1, x, view.width - x), [strideY, strideX]);
    }),
  );
}
