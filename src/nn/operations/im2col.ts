/** Convolution as a matrix product, for any kernel size, stride, dilation and groups: the passes of assembly/convolution/im2col. */
import { call } from '../../engine/call.ts';
import { offsetBy, type Address } from '../../engine/pointer.ts';
import { together, type Instruction } from '../../engine/program.ts';
import { NO_CLAMP } from '../activations/activation.ts';
import type { Margins, Shape, WindowGeometry } from '../shape.ts';
import { partOf, place, type View } from '../view.ts';
import type {
  ConvolutionAlgorithm,
  ConvolutionBackward,
  ConvolutionSpec,
  FilterGradientPlan,
} from './convolutionAlgorithm.ts';
import { correlation, firstTap, panelBytes, pooledCorrelation, TILE, type Taps } from './correlation.ts';
import { planShards, shardsOf } from './filterShards.ts';
import type { Addresses, ForwardArguments, ForwardPlan } from './operation.ts';
import { axisPhases, gradientMargin, type AxisPhase } from './phases.ts';

/** How many outputs are packed at a time for the gradient of a filter; their panels should stay in the L1 cache. */
const CHUNK = 64;

export function im2col(spec: ConvolutionSpec, geometry: WindowGeometry, input: Shape): ConvolutionAlgorithm {
  const { kernelSize, strides, dilationRate } = spec;
  const { margins } = geometry;
  const phasesY = axisPhases(input[0]!, kernelSize[0], strides[0], margins.top, dilationRate[0]);
  const phasesX = axisPhases(input[1]!, kernelSize[1], strides[1], margins.left, dilationRate[1]);
  const [top, bottom] = gradientMargin(phasesY, geometry.height);
  const [left, right] = gradientMargin(phasesX, geometry.width);
  return {
    inputMargins: margins,
    gradientMargins: { top, left, bottom, right },
    hasCeiling: true,
    planForward: (now, plan) => planForward(now, margins, plan),
    planPooledForward: (now, plan, argmax) => planForward(now, margins, plan, argmax),
    planFilterGradient: (plan) => planFilterGradient(spec, margins, plan),
    planInputGradient: (plan, dInput) => {
      const phases = groupsOf(spec, plan.input.channels).flatMap((group) =>
        phasesY.flatMap((y) => phasesX.map((x) => planPhase(spec, group, y, x, plan, dInput))),
      );
      return {
        prepare: phases.map(({ prepare }) => prepare),
        backward: (count) => phases.map(({ backward }) => backward(count)),
      };
    },
  };
}

/** A part of the channels that is convolved by itself. */
interface Group {
  /** Its first input channel and its first filter, and how many of each it has. */
  readonly input: number;
  readonly inputs: number;
  readonly filter: number;
  readonly filters: number;
}

function groupsOf({ groups, filters: all }: ConvolutionSpec, channels: number): Group[] {
  const [inputs, filters] = [channels / groups, all / groups];
  return Array.from({ length: groups }, (_, i) => ({
    input: i * inputs,
    inputs,
    filter: i * filters,
    filters,
  }));
}

/** The channels of an image that a group takes or makes. */
function channelsOf(view: View, first: number, count: number): View {
  return partOf(view, 2, first, count);
}

/** The weights of a group's filters; their rows are those of all filters. */
function weightsOf({ kernel, bias }: Addresses, { filter }: Group): Addresses {
  return {
    kernel: kernel === undefined ? undefined : offsetBy(kernel, filter * 4),
    bias: bias === undefined ? undefined : offsetBy(bias, filter * 4),
  };
}

function tapsOf({ kernelSize, strides, dilationRate }: ConvolutionSpec, input: View): Taps {
  const [kernelHeight, kernelWidth] = kernelSize;
  const adjacent = dilationRate[1] === 1 && input.pixel === input.channels * 4;
  return {
    tapY: dilationRate[0] * input.row,
    tapX: dilationRate[1] * input.pixel,
    stepY: strides[0] * input.row,
    stepX: strides[1] * input.pixel,
    kernelHeight,
    kernelWidth: adjacent ? 1 : kernelWidth,
    segment: adjacent ? kernelWidth * input.channels : input.channels,
  };
}

/** @param argmax  where the winners of a 2×2 max pooling behind it go, if there is one: see planPooledForward */
function planForward(
  spec: ConvolutionSpec,
  margins: Margins,
  plan: ForwardArguments,
  argmax?: Address,
): ForwardPlan {
  const groups = groupsOf(spec, plan.input.channels).map((group) =>
    planGroup(spec, group, margins, plan, argmax),
  );
  return {
    prepare: groups.map(({ prepare }) => prepare),
    forward: (count) => together(groups.map(({ forward }) => forward(count))),
  };
}

function planGroup(
  spec: ConvolutionSpec,
  group: Group,
  margins: Margins,
  { context, input: whole, output: all, weights }: ForwardArguments,
  argmax: Address | undefined,
): { readonly prepare: Instruction; readonly forward: (count: number) => Instruction } {
  const input = channelsOf(whole, group.input, group.inputs);
  const output = channelsOf(all, group.filter, group.filters);
  const depth = spec.kernelSize[0] * spec.kernelSize[1] * input.channels;
  const panels = context.allocate(panelBytes(depth, group.filters));
  const { kernel, bias = context.zeros(group.filters * 4) } = weightsOf(weights, group);
  const label = `${spec.name} forward`;
  const correlate = {
    input: firstTap(input, margins),
    inputImage: input.image,
    ...tapsOf(spec, input),
    filter: panels,
    output: output.address,
    outputImage: output.image,
    outputRow: output.row,
    outputPixel: output.pixel,
    height: output.height,
    width: output.width,
    channels: group.filters,
    clamp: spec.clamp,
  };
  return {
    prepare: call('packFilter', `${spec.name} pack`, Math.ceil(group.filters / TILE.columns), {
      filter: kernel!,
      filterRow: spec.filters * 4,
      bias,
      depth,
      columns: group.filters,
      panels,
    }),
    forward:
      argmax === undefined
        ? correlation(context, label, correlate)
        : pooledCorrelation(context, label, correlate, argmax),
  };
}

function planFilterGradient(
  spec: ConvolutionSpec,
  margins: Margins,
  plan: ConvolutionBackward,
): FilterGradientPlan {
  const groups = groupsOf(spec, plan.input.channels).map((group) =>
    planGroupGradient(spec, group, margins, plan),
  );
  return {
    backward: (count) => groups.flatMap(({ backward }) => backward(count)),
    finish: (count) => groups.flatMap(({ finish }) => finish(count)),
  };
}

function planGroupGradient(
  spec: ConvolutionSpec,
  group: Group,
  margins: Margins,
  { context, input: whole, gradients, dOutput: all }: ConvolutionBackward,
): FilterGradientPlan {
  const input = channelsOf(whole, group.input, group.inputs);
  const dOutput = channelsOf(all, group.filter, group.filters);
  const depth = spec.kernelSize[0] * spec.kernelSize[1] * input.channels;
  const rowBytes = Math.ceil(group.filters / TILE.columns) * TILE.columns * 4;
  const { partials, finish } = planShards(
    context,
    spec.name,
    depth,
    group.filters,
    weightsOf(gradients, group),
    shardsOf,
    spec.filters,
  );
  const scratch = context.scratch(32 + CHUNK * (8 + 32 + rowBytes));
  return {
    backward: (count) => [
      call('conv2dBackwardFilter', `${spec.name} dFilter`, shardsOf(count), {
        input: firstTap(input, margins),
        inputImage: input.image,
        ...tapsOf(spec, input),
        ...place('dOutput', dOutput),
        dOutputPixel: dOutput.pixel,
        batch: count,
        height: dOutput.height,
        width: dOutput.width,
        channels: group.filters,
        chunk: CHUNK,
        shards: shardsOf(count),
        partials,
        scratch,
      }),
    ],
    finish,
  };
}

/** The gradient of the inputs of one phase: see `correlate` in assembly/convolution/im2col/correlate.ts. */
function planPhase(
  spec: ConvolutionSpec,
  group: Group,
  y: AxisPhase,
  x: AxisPhase,
  { context, weights, dOutput: all }: ConvolutionBackward,
  whole: View,
): { readonly prepare: Instruction; readonly backward: (count: number) => Instruction } {
  const dOutput = channelsOf(all, group.filter, group.filters);
  const dInput = channelsOf(whole, group.input, group.inputs);
  const taps = y.taps * x.taps;
  const [tapsY, tapsX] = taps > 0 ? [y.taps, x.taps] : [0, 0];
  const adjacent = x.apart === 1 && dOutput.pixel === dOutput.channels * 4;
  const panels = context.allocate(panelBytes(taps * group.filters, dInput.channels));
  const backward = correlation(context, `${spec.name} dInput`, {
    input: offsetBy(dOutput.address, y.first * dOutput.row + x.first * dOutput.pixel),
    inputImage: dOutput.image,
    tapY: y.apart * dOutput.row,
    tapX: x.apart * dOutput.pixel,
    stepY: dOutput.row,
    stepX: dOutput.pixel,
    kernelHeight: tapsY,
    kernelWidth: adjacent ? 1 : tapsX,
    segment: adjacent ? tapsX * group.filters : group.filters,
    filter: panels,
    output: offsetBy(dInput.address, y.phase * dInput.row + x.phase * dInput.pixel),
    outputImage: dInput.image,
    outputRow: spec.strides[0] * dInput.row,
    outputPixel: spec.strides[1] * dInput.pixel,
    height: y.positions,
    width: x.positions,
    channels: dInput.channels,
    clamp: NO_CLAMP,
  });
  return {
    prepare: call('packFilterTransposed', `${spec.name} pack`, Math.ceil(dInput.channels / TILE.columns), {
      filter: weightsOf(weights, group).kernel!,
      filterRow: spec.filters * 4,
      kernelWidth: spec.kernelSize[1],
      inputs: dInput.channels,
      outputs: group.filters,
      lastY: y.lastTap,
      lastX: x.lastTap,
      stepY: spec.strides[0],
      stepX: spec.strides[1],
      tapsY,
      tapsX,
      panels,
    }),
    backward,
  };
}
