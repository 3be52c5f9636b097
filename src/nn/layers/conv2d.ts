import type { Instruction } from '../../engine/program.ts';
import { windowGeometry, type Margins, type Padding, type Pair, type Shape } from '../shape.ts';
import type { View } from '../view.ts';
import { correlation, panelBytes, TILE, together } from './correlation.ts';
import type {
  Activation,
  Addresses,
  BackwardArguments,
  ForwardArguments,
  ForwardPlan,
  Layer,
  PlanContext,
} from './layer.ts';

/** The options of a convolution, complete. Kernels are HWIO. */
export interface Conv2dSpec {
  readonly type: 'conv2d';
  readonly name: string;
  readonly filters: number;
  readonly kernelSize: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
  readonly activation: Activation;
}

/**
 * How many results the gradient of a filter is summed into before these are added up, whatever the number of threads:
 * enough to keep 16 threads busy, few enough for the final sum to take no time.
 */
const SHARDS = 16;

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

export function conv2dLayer(spec: Conv2dSpec, inputShape: Shape): Layer {
  const { name, filters, kernelSize, strides, padding, activation } = spec;
  const [inputHeight, inputWidth, channels] = inputShape as readonly [number, number, number];
  const geometry = windowGeometry(inputShape, kernelSize, strides, padding, name);
  const phasesY = axisPhases(inputHeight, kernelSize[0], strides[0], geometry.margins.top);
  const phasesX = axisPhases(inputWidth, kernelSize[1], strides[1], geometry.margins.left);
  const [top, bottom] = gradientMargin(phasesY, geometry.height);
  const [left, right] = gradientMargin(phasesX, geometry.width);
  const taps = kernelSize[0] * kernelSize[1];
  const fans = { fanIn: taps * channels, fanOut: taps * filters };
  return {
    type: spec.type,
    name,
    activation,
    inputShape,
    outputShape: [geometry.height, geometry.width, filters],
    weights: [
      { name: 'kernel', shape: [...kernelSize, channels, filters], initializer: 'glorotUniform', ...fans },
      { name: 'bias', shape: [filters], initializer: 'zeros', ...fans },
    ],
    inputMargins: geometry.margins,
    gradientMargins: { top, left, bottom, right },
    writesMargins: true,
    masksRelu: false,
    planForward: (plan) => planForward(spec, geometry.margins, plan),
    planBackward: (plan) => {
      const filter = planFilterGradient(spec, geometry.margins, plan);
      const prepare: Instruction[] = [];
      const inputs: ((count: number) => Instruction)[] = [];
      if (plan.dInput) {
        for (const y of phasesY) {
          for (const x of phasesX) {
            const phase = planInputGradient(
              spec,
              y,
              x,
              plan.context,
              plan.weights,
              plan.dOutput,
              plan.dInput,
            );
            prepare.push(...phase.prepare);
            inputs.push(phase.backward);
          }
        }
      }
      return {
        prepare,
        backward: (count) => together([filter.backward(count), ...inputs.map((emit) => emit(count))]),
        finish: filter.finish,
      };
    },
  };
}

function planForward(spec: Conv2dSpec, margins: Margins, plan: ForwardArguments): ForwardPlan {
  const { context, input, output, weights } = plan;
  const [kernelHeight, kernelWidth] = spec.kernelSize;
  const depth = kernelHeight * kernelWidth * input.channels;
  const panels = context.arena.allocate(panelBytes(depth, spec.filters));
  const correlate = correlation(context, `${spec.name} forward`, {
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
  });
  return {
    prepare: [
      {
        label: `${spec.name} pack`,
        kernel: 'packFilter',
        arguments: [weights.kernel!, weights.bias!, depth, spec.filters, panels],
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
): { readonly backward: (count: number) => Instruction; readonly finish: readonly Instruction[] } {
  const [kernelHeight, kernelWidth] = spec.kernelSize;
  const segment = kernelWidth * input.channels;
  const depth = kernelHeight * segment;
  const rows = Math.ceil(depth / TILE.rows) * TILE.rows;
  const rowBytes = Math.ceil(spec.filters / TILE.columns) * TILE.columns * 4;
  const shardBytes = (rows + 1) * rowBytes;
  const partials = context.arena.allocate(SHARDS * shardBytes);
  context.reserveScratch(CHUNK * (8 + 16 + rowBytes));
  const sum = (from: number, to: number, items: number): Instruction => ({
    label: `${spec.name} sum`,
    kernel: 'sumShards',
    arguments: [from, SHARDS, shardBytes, spec.filters, to],
    items,
  });
  return {
    backward: (count) => ({
      label: `${spec.name} dFilter`,
      kernel: 'conv2dBackwardFilter',
      arguments: [
        firstTap(input, margins),
        input.image,
        input.row,
        spec.strides[0] * input.row,
        spec.strides[1] * input.pixel,
        kernelHeight,
        segment,
        dOutput.address,
        dOutput.image,
        dOutput.row,
        count,
        dOutput.height,
        dOutput.width,
        spec.filters,
        CHUNK,
        SHARDS,
        partials,
        'scratch',
      ],
      items: SHARDS,
    }),
    finish: [sum(partials, gradients.kernel!, depth), sum(partials + rows * rowBytes, gradients.bias!, 1)],
  };
}

function planInputGradient(
  spec: Conv2dSpec,
  y: AxisPhase,
  x: AxisPhase,
  context: PlanContext,
  weights: Addresses,
  dOutput: View,
  dInput: View,
): { readonly prepare: readonly Instruction[]; readonly backward: (count: number) => Instruction } {
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
    prepare: [
      {
        label: `${spec.name} pack`,
        kernel: 'packFilterTransposed',
        arguments: [
          weights.kernel!,
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
    ],
    backward,
  };
}

/** The address of the first tap of the first output: up and left of the first pixel by the margins. */
function firstTap(input: View, margins: Margins): number {
  return input.address - margins.top * input.row - margins.left * input.pixel;
}
