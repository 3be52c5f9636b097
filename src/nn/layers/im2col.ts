/** Convolution as a matrix product, for any kernel size and stride: the passes of assembly/convolution/im2col/correlate.ts and filterGradient.ts. */
import type { Instruction } from '../../engine/program.ts';
import type { Margins, Shape, WindowGeometry } from '../shape.ts';
import type { View } from '../view.ts';
import type { Conv2dSpec, ConvolutionAlgorithm, FilterGradientPlan } from './convolutionAlgorithm.ts';
import { correlation, firstTap, panelBytes, pooledCorrelation, TILE } from './correlation.ts';
import { planShards, shardsOf } from './filterShards.ts';
import type { BackwardArguments, ForwardArguments, ForwardPlan } from './layer.ts';

/** How many outputs are packed at a time for the gradient of a filter; their panels should stay in the L1 cache. */
const CHUNK = 64;

/** A phase of the input along one axis: which taps meet the input positions phase, phase + stride, … */
interface AxisPhase {
  readonly phase: number;
  /** How many input positions there are. */
  readonly positions: number;
  /** How many taps meet them, the last of which is `lastTap`; they are a stride apart. */
  readonly taps: number;
  readonly lastTap: number;
  /** The output position under the last tap at the first input position; negative in the margin. */
  readonly first: number;
}

/** Splits an axis into phases: position p meets tap k if p + margin − k is a multiple of the stride. */
function axisPhases(input: number, kernel: number, stride: number, margin: number): AxisPhase[] {
  const phases: AxisPhase[] = [];
  for (let phase = 0; phase < Math.min(stride, input); phase++) {
    const remainder = (phase + margin) % stride;
    const taps = Math.max(0, Math.ceil((kernel - remainder) / stride));
    const lastTap = remainder + (taps - 1) * stride;
    const first = taps > 0 ? (phase + margin - lastTap) / stride : 0;
    phases.push({ phase, positions: Math.ceil((input - phase) / stride), taps, lastTap, first });
  }
  return phases;
}

/** The zeros that all phases together read before and behind the `output` positions of dOutput. */
function gradientMargin(phases: readonly AxisPhase[], output: number): readonly [number, number] {
  const before = Math.max(0, ...phases.map(({ first }) => -first));
  const behind = Math.max(
    0,
    ...phases.map(({ first, positions, taps }) => first + positions + taps - 1 - output),
  );
  return [before, behind];
}

export function im2col(spec: Conv2dSpec, geometry: WindowGeometry, input: Shape): ConvolutionAlgorithm {
  const { kernelSize, strides } = spec;
  const { margins } = geometry;
  const phasesY = axisPhases(input[0]!, kernelSize[0], strides[0], margins.top);
  const phasesX = axisPhases(input[1]!, kernelSize[1], strides[1], margins.left);
  const [top, bottom] = gradientMargin(phasesY, geometry.height);
  const [left, right] = gradientMargin(phasesX, geometry.width);
  return {
    inputMargins: margins,
    gradientMargins: { top, left, bottom, right },
    planForward: (plan) => planForward(spec, margins, plan),
    planPooledForward: (plan, argmax) => planForward(spec, margins, plan, argmax),
    planFilterGradient: (plan) => planFilterGradient(spec, margins, plan),
    planInputGradient: (plan, dInput) => {
      const phases = phasesY.flatMap((y) => phasesX.map((x) => planPhase(spec, y, x, plan, dInput)));
      return {
        prepare: phases.map(({ prepare }) => prepare),
        backward: (count) => phases.map(({ backward }) => backward(count)),
      };
    },
  };
}

/** @param argmax  where the winners of a 2×2 max pooling behind it go, if there is one: see planPooledForward */
function planForward(
  spec: Conv2dSpec,
  margins: Margins,
  { context, input, output, weights }: ForwardArguments,
  argmax?: number,
): ForwardPlan {
  const [kernelHeight, kernelWidth] = spec.kernelSize;
  const depth = kernelHeight * kernelWidth * input.channels;
  const panels = context.arena.allocate(panelBytes(depth, spec.filters));
  const label = `${spec.name} forward`;
  const call = {
    input: firstTap(input, margins),
    inputImage: input.image,
    inputRow: input.row,
    stepY: spec.strides[0] * input.row,
    stepX: spec.strides[1] * input.pixel,
    kernelHeight,
    segment: kernelWidth * input.channels,
    filter: panels,
    output: output.address,
    outputImage: output.image,
    outputRow: output.row,
    outputPixel: output.pixel,
    height: output.height,
    width: output.width,
    channels: spec.filters,
    relu: spec.activation === 'relu',
  };
  const correlate =
    argmax === undefined
      ? correlation(context, label, call)
      : pooledCorrelation(context, label, call, argmax);
  return {
    prepare: [
      {
        label: `${spec.name} pack`,
        kernel: 'packFilter',
        arguments: [weights.kernel!, spec.filters * 4, weights.bias!, depth, spec.filters, panels],
        items: Math.ceil(spec.filters / TILE.columns),
      },
    ],
    forward: (count) => [correlate(count)],
  };
}

function planFilterGradient(
  spec: Conv2dSpec,
  margins: Margins,
  { context, input, gradients, dOutput }: BackwardArguments,
): FilterGradientPlan {
  const [kernelHeight, kernelWidth] = spec.kernelSize;
  const segment = kernelWidth * input.channels;
  const depth = kernelHeight * segment;
  const rowBytes = Math.ceil(spec.filters / TILE.columns) * TILE.columns * 4;
  const { partials, finish } = planShards(context, spec.name, depth, spec.filters, gradients);
  context.reserveScratch(CHUNK * (8 + 32 + rowBytes));
  return {
    backward: (count) => ({
      label: `${spec.name} dFilter`,
      kernel: 'conv2dBackwardFilter',
      arguments: [
        firstTap(input, margins),
        input.image,
        input.row,
        0,
        spec.strides[0] * input.row,
        spec.strides[1] * input.pixel,
        kernelHeight,
        1,
        segment,
        dOutput.address,
        dOutput.image,
        dOutput.row,
        dOutput.pixel,
        count,
        dOutput.height,
        dOutput.width,
        spec.filters,
        CHUNK,
        shardsOf(count),
        partials,
        'scratch',
      ],
      items: shardsOf(count),
    }),
    finish,
  };
}

/** The gradient of the inputs of one phase: see `correlate` in assembly/convolution/im2col/correlate.ts. */
function planPhase(
  spec: Conv2dSpec,
  y: AxisPhase,
  x: AxisPhase,
  { context, weights, dOutput }: BackwardArguments,
  dInput: View,
): { readonly prepare: Instruction; readonly backward: (count: number) => Instruction } {
  const taps = y.taps * x.taps;
  const panels = context.arena.allocate(panelBytes(taps * spec.filters, dInput.channels));
  const backward = correlation(context, `${spec.name} dInput`, {
    input: dOutput.address + y.first * dOutput.row + x.first * dOutput.pixel,
    inputImage: dOutput.image,
    inputRow: dOutput.row,
    stepY: dOutput.row,
    stepX: dOutput.pixel,
    kernelHeight: taps > 0 ? y.taps : 0,
    segment: taps > 0 ? x.taps * spec.filters : 0,
    filter: panels,
    output: dInput.address + y.phase * dInput.row + x.phase * dInput.pixel,
    outputImage: dInput.image,
    outputRow: spec.strides[0] * dInput.row,
    outputPixel: spec.strides[1] * dInput.pixel,
    height: y.positions,
    width: x.positions,
    channels: dInput.channels,
    relu: false,
  });
  return {
    prepare: {
      label: `${spec.name} pack`,
      kernel: 'packFilterTransposed',
      arguments: [
        weights.kernel!,
        spec.filters * 4,
        spec.kernelSize[1],
        dInput.channels,
        spec.filters,
        y.lastTap,
        x.lastTap,
        spec.strides[0],
        spec.strides[1],
        taps > 0 ? y.taps : 0,
        taps > 0 ? x.taps : 0,
        panels,
      ],
      items: Math.ceil(dInput.channels / TILE.columns),
    },
    backward,
  };
}
