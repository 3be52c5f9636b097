/** A convolution with dilation, groups and a ceiling in calls of the im2col kernels, each group's for itself. */
import type { Instruction } from '../../src/engine/program.ts';
import { size, type Margins } from '../../src/nn/shape.ts';
import type { Conv2d } from '../reference/conv2d.ts';
import { Bench, runShared, type Build, type LayerResult, type PlacedView } from './harness.ts';

export interface ConvolutionRun {
  readonly conv: Conv2d;
  readonly input: Float32Array;
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
  readonly dOutput: Float32Array;
  readonly floor?: number;
  readonly ceiling?: number;
  /** How many tiles or outputs are packed at a time: few, so that there is more than one block or chunk. */
  readonly tilesPerBlock?: number;
  readonly chunk?: number;
  /** Takes kernel rows tap by tap even if they are adjacent. */
  readonly apart?: boolean;
}

/** A phase of an axis of the input: see src/nn/layers/im2col.ts. With a stride of 1 there is one, with all taps. */
interface Phase {
  readonly phase: number;
  readonly positions: number;
  readonly taps: number;
  readonly lastTap: number;
  /** The output under the last tap at the first position. */
  readonly first: number;
}

function phasesOf(input: number, window: number, stride: number, dilation: number, pad: number): Phase[] {
  return Array.from({ length: Math.min(stride, input) }, (_, phase) => {
    const remainder = (phase + pad) % stride;
    const taps = Math.max(0, Math.ceil((window - remainder) / stride));
    const lastTap = remainder + (taps - 1) * stride;
    const first = taps > 0 ? (phase + pad - lastTap * dilation) / stride : 0;
    return { phase, positions: Math.ceil((input - phase) / stride), taps, lastTap, first };
  });
}

/** What phases read before and behind `output` positions. */
function reachOf(phases: readonly Phase[], dilation: number, output: number): readonly [number, number] {
  const last = phases.map(({ first, positions, taps }) => first + positions + (taps - 1) * dilation);
  return [Math.max(0, ...phases.map(({ first }) => -first)), Math.max(0, ...last.map((end) => end - output))];
}

const up = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

/** The bytes `correlate` asks for. */
const correlateScratch = (tilesPerBlock: number, depth: number): number =>
  256 + up(8 * tilesPerBlock, 16) + tilesPerBlock * depth * 16;

/** What the calls share: the convolution's numbers, of all groups and of one. */
function dimensions(run: ConvolutionRun) {
  const { conv } = run;
  const { groups = 1, dilationY = 1, dilationX = 1 } = conv;
  const inputs = conv.channels / groups;
  const outputs = conv.filters / groups;
  const whole = dilationX === 1 && groups === 1 && !run.apart;
  const runs = whole ? 1 : conv.windowWidth;
  const segment = whole ? conv.windowWidth * inputs : inputs;
  const depth = conv.windowHeight * conv.windowWidth * inputs;
  return { ...conv, groups, dilationY, dilationX, inputs, outputs, whole, runs, segment, depth };
}

/** The zeros around the input that the windows reach. */
function inputMargins(run: ConvolutionRun): Margins {
  const d = dimensions(run);
  const behind = (
    count: number,
    stride: number,
    window: number,
    dilation: number,
    pad: number,
    size_: number,
  ) => Math.max(0, (count - 1) * stride + (window - 1) * dilation + 1 - pad - size_);
  return {
    top: d.padTop,
    left: d.padLeft,
    bottom: behind(d.height, d.strideY, d.windowHeight, d.dilationY, d.padTop, d.inputHeight),
    right: behind(d.width, d.strideX, d.windowWidth, d.dilationX, d.padLeft, d.inputWidth),
  };
}

/** Where the taps of a group's first output are, as the kernels want to know it. */
function taps(run: ConvolutionRun, input: PlacedView, group: number): readonly number[] {
  const d = dimensions(run);
  return [
    input.address - d.padTop * input.row - d.padLeft * input.pixel + group * d.inputs * 4,
    input.image,
    d.dilationY * input.row,
    d.dilationX * input.pixel,
    d.strideY * input.row,
    d.strideX * input.pixel,
    d.windowHeight,
    d.runs,
    d.segment,
  ];
}

function forward(
  bench: Bench,
  run: ConvolutionRun,
  { input, kernel, bias, output }: { input: PlacedView; kernel: number; bias: number; output: PlacedView },
): Instruction[] {
  const d = dimensions(run);
  const { tilesPerBlock = 3, floor = -Infinity, ceiling = Infinity } = run;
  bench.context.scratch(correlateScratch(tilesPerBlock, d.depth));
  return Array.from({ length: d.groups }, (_, group) => {
    const offset = group * d.outputs * 4;
    const panels = bench.output(up(d.outputs, 8) * (d.depth + 1) * 4);
    const pack = [kernel + offset, d.filters * 4, bias + offset, d.depth, d.outputs, panels];
    const { address, image, row, pixel } = output;
    const to = [address + offset, image, row, pixel, d.height, d.width, d.outputs];
    const multiply = [...taps(run, input, group), panels, ...to, floor, ceiling, tilesPerBlock];
    const tiles = d.batch * d.height * Math.ceil(d.width / 4);
    return [
      { label: 'pack', kernel: 'packFilter', arguments: pack, items: Math.ceil(d.outputs / 8) },
      { label: 'forward', kernel: 'correlate', arguments: [...multiply, 'scratch'], items: tiles },
    ] satisfies Instruction[];
  }).flat();
}

function backwardInput(
  bench: Bench,
  run: ConvolutionRun,
  phases: readonly [readonly Phase[], readonly Phase[]],
  { kernel, dOutput, dInput }: { kernel: number; dOutput: PlacedView; dInput: PlacedView },
): Instruction[] {
  const d = dimensions(run);
  const { tilesPerBlock = 3 } = run;
  const each = (y: Phase, x: Phase, group: number): Instruction[] => {
    const depth = y.taps * x.taps * d.outputs;
    bench.context.scratch(correlateScratch(tilesPerBlock, depth));
    const panels = bench.output(up(d.inputs, 8) * (depth + 1) * 4);
    const from = kernel + group * d.outputs * 4;
    const step = [y.lastTap, x.lastTap, d.strideY, d.strideX, y.taps, x.taps];
    const pack = [from, d.filters * 4, d.windowWidth, d.inputs, d.outputs, ...step, panels];
    const multiply = [
      dOutput.address + y.first * dOutput.row + x.first * dOutput.pixel + group * d.outputs * 4,
      dOutput.image,
      d.dilationY * dOutput.row,
      d.dilationX * dOutput.pixel,
      dOutput.row,
      dOutput.pixel,
      y.taps,
      d.whole ? 1 : x.taps,
      d.whole ? x.taps * d.outputs : d.outputs,
      panels,
      dInput.address + y.phase * dInput.row + x.phase * dInput.pixel + group * d.inputs * 4,
      dInput.image,
      d.strideY * dInput.row,
      d.strideX * dInput.pixel,
      y.positions,
      x.positions,
      d.inputs,
      -Infinity,
      Infinity,
      tilesPerBlock,
    ];
    const tiles = d.batch * y.positions * Math.ceil(x.positions / 4);
    return [
      { label: 'pack', kernel: 'packFilterTransposed', arguments: pack, items: Math.ceil(d.inputs / 8) },
      { label: 'dInput', kernel: 'correlate', arguments: [...multiply, 'scratch'], items: tiles },
    ];
  };
  const groups = Array.from({ length: d.groups }, (_, group) => group);
  return phases[0].flatMap((y) => phases[1].flatMap((x) => groups.flatMap((group) => each(y, x, group))));
}

const SHARDS = 3;

function backwardFilter(
  bench: Bench,
  run: ConvolutionRun,
  {
    input,
    dOutput,
    dKernel,
    dBias,
  }: { input: PlacedView; dOutput: PlacedView; dKernel: number; dBias: number },
): Instruction[] {
  const d = dimensions(run);
  const { chunk = 5 } = run;
  const rowBytes = up(d.outputs, 8) * 4;
  const biasOffset = up(d.depth, 4) * rowBytes;
  const shardBytes = biasOffset + rowBytes;
  bench.context.scratch(32 + chunk * (8 + 32 + rowBytes));
  return Array.from({ length: d.groups }, (_, group) => {
    const offset = group * d.outputs * 4;
    const partials = bench.output(SHARDS * shardBytes);
    const { address, image, row, pixel } = dOutput;
    const from = [address + offset, image, row, pixel, d.batch, d.height, d.width, d.outputs];
    const multiply = [...taps(run, input, group), ...from, chunk, SHARDS, partials, 'scratch'] as const;
    const sum = (at: number, to: number, items: number): Instruction => ({
      label: 'sum',
      kernel: 'sumShards',
      arguments: [at, SHARDS, shardBytes, d.outputs, to + offset, d.filters * 4],
      items,
    });
    return [
      { label: 'dFilter', kernel: 'conv2dBackwardFilter', arguments: multiply, items: SHARDS },
      sum(partials, dKernel, d.depth),
      sum(partials + biasOffset, dBias, 1),
    ];
  }).flat();
}

/** Runs a convolution forward and backward, with margins of its own around what it writes. */
export function runConvolution(build: Build, run: ConvolutionRun): LayerResult {
  const { conv } = run;
  const { batch } = conv;
  const d = dimensions(run);
  const bench = new Bench(batch);
  const inputShape = [d.inputHeight, d.inputWidth, d.channels];
  const outputShape = [d.height, d.width, d.filters];
  const phasesY = phasesOf(d.inputHeight, d.windowHeight, d.strideY, d.dilationY, d.padTop);
  const phasesX = phasesOf(d.inputWidth, d.windowWidth, d.strideX, d.dilationX, d.padLeft);
  const [top, bottom] = reachOf(phasesY, d.dilationY, d.height);
  const [left, right] = reachOf(phasesX, d.dilationX, d.width);
  const input = bench.inputView(batch, inputShape, inputMargins(run), run.input);
  const dOutput = bench.inputView(batch, outputShape, { top, left, bottom, right }, run.dOutput);
  const output = bench.outputView(batch, batch, outputShape, { top: 1, left: 2, bottom: 0, right: 1 });
  const dInput = bench.outputView(batch, batch, inputShape, { top: 2, left: 1, bottom: 1, right: 0 });
  const kernel = bench.input(run.kernel);
  const bias = bench.input(run.bias);
  const dKernel = bench.output(run.kernel.byteLength);
  const dBias = bench.output(run.bias.byteLength);
  const program = [
    ...forward(bench, run, { input, kernel, bias, output }),
    ...backwardInput(bench, run, [phasesY, phasesX], { kernel, dOutput, dInput }),
    ...backwardFilter(bench, run, { input, dOutput, dKernel, dBias }),
  ];
  bench.start(build);
  const [result, dIn, dFilter, dB] = runShared(bench, program, () => [
    bench.read(output, batch),
    bench.read(dInput, batch),
    bench.floats(dKernel, run.kernel.length).slice(),
    bench.floats(dBias, size([conv.filters])).slice(),
  ]);
  return { output: result!, dInput: dIn!, dKernel: dFilter!, dBias: dB! };
}
