/** Convolution as a matrix product, for any kernel size and stride: the passes of assembly/convolution/im2col/correlate.ts and filterGradient.ts. */
import { call } from '../../engine/call.ts';
import { offsetBy, type Address } from '../../engine/pointer.ts';
import type { Instruction } from '../../engine/program.ts';
import type { Margins, Shape, WindowGeometry } from '../shape.ts';
import { place, type View } from '../view.ts';
import type {
  ConvolutionAlgorithm,
  ConvolutionBackward,
  ConvolutionSpec,
  FilterGradientPlan,
} from './convolutionAlgorithm.ts';
import { correlation, firstTap, panelBytes, pooledCorrelation, TILE } from './correlation.ts';
import { planShards, shardsOf } from './filterShards.ts';
import type { ForwardArguments, ForwardPlan } from './operation.ts';

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

export function im2col(
  spec: ConvolutionSpec,
  geometry: WindowGeometry,
  input: Shape,
): ConvolutionAlgorithm {
  const { kernelSize, strides } = spec;
  const { margins } = geometry;
  const phasesY = axisPhases(input[0]!, kernelSize[0], strides[0], margins.top);
  const phasesX = axisPhases(input[1]!, kernelSize[1], strides[1], margins.left);
  const [top, bottom] = gradientMargin(phasesY, geometry.height);
  const [left, right] = gradientMargin(phasesX, geometry.width);
  return {
    inputMargins: margins,
    gradientMargins: { top, left, bottom, right },
    hasCeiling: false,
    planForward: (now, plan) => planForward(now, margins, plan),
    planPooledForward: (now, plan, argmax) => planForward(now, margins, plan, argmax),
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
  spec: ConvolutionSpec,
  margins: Margins,
  { context, input, output, weights }: ForwardArguments,
  argmax?: Address,
): ForwardPlan {
  const [kernelHeight, kernelWidth] = spec.kernelSize;
  const depth = kernelHeight * kernelWidth * input.channels;
  const panels = context.allocate(panelBytes(depth, spec.filters));
  const label = `${spec.name} forward`;
  const taps = {
    ...place('input', { ...input, address: firstTap(input, margins) }),
    stepY: spec.strides[0] * input.row,
    stepX: spec.strides[1] * input.pixel,
    kernelHeight,
    segment: kernelWidth * input.channels,
    filter: panels,
    ...place('output', output),
    outputPixel: output.pixel,
    height: output.height,
    width: output.width,
    channels: spec.filters,
    relu: spec.clamp.floor === 0,
  };
  const correlate =
    argmax === undefined
      ? correlation(context, label, taps)
      : pooledCorrelation(context, label, taps, argmax);
  return {
    prepare: [
      call('packFilter', `${spec.name} pack`, Math.ceil(spec.filters / TILE.columns), {
        filter: weights.kernel!,
        bias: weights.bias ?? context.zeros(spec.filters * 4),
        depth,
        columns: spec.filters,
        panels,
      }),
    ],
    forward: (count) => [correlate(count)],
  };
}

function planFilterGradient(
  spec: ConvolutionSpec,
  margins: Margins,
  { context, input, gradients, dOutput }: ConvolutionBackward,
): FilterGradientPlan {
  const [kernelHeight, kernelWidth] = spec.kernelSize;
  const segment = kernelWidth * input.channels;
  const depth = kernelHeight * segment;
  const rowBytes = Math.ceil(spec.filters / TILE.columns) * TILE.columns * 4;
  const { partials, finish } = planShards(context, spec.name, depth, spec.filters, gradients);
  const scratch = context.scratch(CHUNK * (8 + 32 + rowBytes));
  return {
    backward: (count) => [
      call('conv2dBackwardFilter', `${spec.name} dFilter`, shardsOf(count), {
        ...place('input', { ...input, address: firstTap(input, margins) }),
        stepY: spec.strides[0] * input.row,
        stepX: spec.strides[1] * input.pixel,
        kernelHeight,
        segment,
        ...place('dOutput', dOutput),
        batch: count,
        height: dOutput.height,
        width: dOutput.width,
        channels: spec.filters,
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
  y: AxisPhase,
  x: AxisPhase,
  { context, weights, dOutput }: ConvolutionBackward,
  dInput: View,
): { readonly prepare: Instruction; readonly backward: (count: number) => Instruction } {
  const taps = y.taps * x.taps;
  const [tapsY, tapsX] = taps > 0 ? [y.taps, x.taps] : [0, 0];
  const panels = context.allocate(panelBytes(taps * spec.filters, dInput.channels));
  const backward = correlation(context, `${spec.name} dInput`, {
    input: offsetBy(dOutput.address, y.first * dOutput.row + x.first * dOutput.pixel),
    inputImage: dOutput.image,
    inputRow: dOutput.row,
    stepY: dOutput.row,
    stepX: dOutput.pixel,
    kernelHeight: tapsY,
    segment: tapsX * spec.filters,
    filter: panels,
    output: offsetBy(dInput.address, y.phase * dInput.row + x.phase * dInput.pixel),
    outputImage: dInput.image,
    outputRow: spec.strides[0] * dInput.row,
    outputPixel: spec.strides[1] * dInput.pixel,
    height: y.positions,
    width: x.positions,
    channels: dInput.channels,
    relu: false,
  });
  return {
    prepare: call('packFilterTransposed', `${spec.name} pack`, Math.ceil(dInput.channels / TILE.columns), {
      filter: weights.kernel!,
      kernelWidth: spec.kernelSize[1],
      inputs: dInput.channels,
      outputs: spec.filters,
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
