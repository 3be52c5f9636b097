/** A convolution and the 2×2 max pooling behind it: both as one layer, its truth, and how far it may be from it. */
import type { ConvolutionChoice } from '../../src/nn/operations/convolutionAlgorithm.ts';
import { size } from '../../src/nn/shape.ts';
import { conv2d, maxPooling2d, type LayerSpec } from '../../src/nn/spec.ts';
import {
  backwardBias,
  conv2dBackwardFilter,
  conv2dBackwardInput,
  conv2dForward,
} from '../reference/conv2d.ts';
import { integers, uniform } from '../reference/data.ts';
import { maxPooling2dBackward, maxPooling2dForward } from '../reference/maxPooling2d.ts';
import { reluBackward, reluForward } from '../reference/relu.ts';
import { magnitudes, sumTolerance, sumTolerances } from '../reference/tolerance.ts';
import { eachTap, windows, type WindowPadding } from '../reference/windows.ts';
import { layerOf, type LayerCase, type TestedLayer } from './runLayer.ts';
import { SEVEN_LOSES, usesSeven } from './sevenTiles.ts';

export interface Case {
  readonly batch: number;
  /** How many of the batch there are; all by default. */
  readonly count?: number;
  readonly input: readonly [number, number];
  readonly channels: number;
  readonly filters: number;
  /** Taps of the kernel along a side; 3 by default. */
  readonly taps?: 3 | 5;
  readonly padding: WindowPadding;
  readonly relu?: boolean;
}

export const RESULTS = ['output', 'dInput', 'dKernel', 'dBias'] as const;
export type Results = Record<(typeof RESULTS)[number], Float64Array>;

export function name({
  batch,
  count = batch,
  input,
  channels: C,
  filters,
  taps = 3,
  padding,
  relu,
}: Case): string {
  return `${count} of ${batch} × ${input.join('×')}×${C} → ${filters}, ${taps}×${taps}, ${String(padding)}${relu ? ', relu' : ''}`;
}

function specsOf({
  filters,
  taps = 3,
  padding,
  relu,
}: Case): readonly [convolution: LayerSpec, pooling: LayerSpec] {
  const activation = relu ? 'relu' : 'linear';
  return [
    conv2d({ name: 'conv2d', filters, kernelSize: taps, padding, activation }),
    maxPooling2d({ name: 'pool' }),
  ];
}

/** The two layers, each by itself. */
export function layersOf(
  c: Case,
  choice: ConvolutionChoice,
): { convolution: TestedLayer; pooling: TestedLayer } {
  const [first, second] = specsOf(c);
  const convolution = layerOf([first], [...c.input, c.channels], choice);
  return { convolution, pooling: layerOf([second], convolution.outputShape) };
}

/** Whether the forward pass is by F(4×4, 3×3), or F(2×2, 5×5). */
export function usesWinograd(c: Case): boolean {
  return c.channels % 8 === 0 && c.filters % 8 === 0;
}

/** Whether the forward pass is by F(2×2, 3×3). */
export function usesWinograd2x2(c: Case): boolean {
  return c.taps !== 5 && c.channels <= 4 && c.filters % 8 === 0;
}

type Generate = (name: string, length: number) => Float32Array;

export function layerCase(c: Case, generate: Generate, gradients: Generate = generate): LayerCase {
  const layer = layerOf(specsOf(c), [...c.input, c.channels]);
  return {
    layer,
    batch: c.batch,
    count: c.count ?? c.batch,
    input: generate('input', c.batch * size(layer.inputShape)),
    kernel: generate('kernel', size(layer.weights[0]!.shape)),
    bias: generate('bias', c.filters),
    dOutput: gradients('dOutput', c.batch * size(layer.outputShape)),
  };
}

/** The truth, one layer after the other, and the sums of the terms' absolute values. */
export function reference(c: Case, run: LayerCase) {
  const { input, filters, taps = 3, padding, relu } = c;
  const conv = { ...windows(run.count, input, [taps, taps], [1, 1], padding), channels: c.channels, filters };
  const pool = {
    ...windows(run.count, [conv.height, conv.width], [2, 2], [2, 2], 'valid'),
    channels: filters,
  };
  const x = Float64Array.from(run.input.subarray(0, run.count * size(run.layer.inputShape)));
  const kernel = Float64Array.from(run.kernel!);
  const dOutput = Float64Array.from(run.dOutput.subarray(0, run.count * size(run.layer.outputShape)));
  const linear = conv2dForward(conv, x, kernel, Float64Array.from(run.bias!));
  const activated = relu ? reluForward(linear) : linear;
  const { output, winners } = maxPooling2dForward(pool, activated);
  const dActivated = maxPooling2dBackward(pool, winners, dOutput);
  const dLinear = relu ? reluBackward(activated, dActivated) : dActivated;
  const expected: Results = {
    output,
    dInput: conv2dBackwardInput(conv, kernel, dLinear),
    dKernel: conv2dBackwardFilter(conv, x, dLinear),
    dBias: backwardBias(filters, dLinear),
  };
  const magnitude = {
    linear: conv2dForward(conv, magnitudes(x), magnitudes(kernel), magnitudes(run.bias!)),
    dInput: conv2dBackwardInput(conv, magnitudes(kernel), magnitudes(dLinear)),
    dKernel: conv2dBackwardFilter(conv, magnitudes(x), magnitudes(dLinear)),
    dBias: backwardBias(filters, magnitudes(dLinear)),
  };
  return { conv, pool, linear, activated, winners, expected, magnitude };
}

type Reference = ReturnType<typeof reference>;

/**
 * What the convolution's own output may be off by. For Winograd the largest magnitude counts for all: see
 * winograd.test.ts.
 */
function linearTolerance(c: Case, { conv, magnitude }: Reference): Float64Array {
  const { taps = 3 } = c;
  const largest = magnitude.linear.reduce((most, value) => Math.max(most, value), 0);
  const transformed = usesWinograd(c) || usesWinograd2x2(c);
  const loss = taps === 3 && usesSeven({ ...conv, batch: c.batch, pooled: true }) ? SEVEN_LOSES : 1;
  return magnitude.linear.map(
    (value) => loss * sumTolerance(taps * taps * c.channels + 1, transformed ? largest : value),
  );
}

function tolerances(c: Case, run: LayerCase, r: Reference): Results {
  const terms = run.count * size(run.layer.outputShape.slice(0, 2));
  const windowsAlong = ((c.taps ?? 3) + 1) / 2;
  return {
    // The largest of four values is off by no more than the worst of them.
    output: maxPooling2dForward(r.pool, linearTolerance(c, r)).output,
    // Three rows and columns of the convolution's output lie in two windows each, of which one value has a gradient; five in three.
    dInput: sumTolerances(windowsAlong ** 2 * c.filters + 1, r.magnitude.dInput),
    dKernel: sumTolerances(terms + 16, r.magnitude.dKernel),
    dBias: sumTolerances(terms + 16, r.magnitude.dBias),
  };
}

/** Where rounding decides which of four values is the largest, or whether it is above zero. */
function undecided(c: Case, r: Reference): ReadonlySet<number> {
  const tolerance = linearTolerance(c, r);
  const result = new Set<number>();
  eachTap(r.pool, (to, _tap, from) => {
    for (let f = 0; f < c.filters; f++) {
      const [i, j] = [to * c.filters + f, from * c.filters + f];
      const winner = r.winners[i]!;
      const margin = tolerance[j]! + tolerance[winner]!;
      const clamped = c.relu && r.linear[winner]! < -tolerance[winner]!;
      if (j !== winner && !clamped && r.linear[j]! + margin >= r.linear[winner]!) result.add(i);
      if (c.relu && Math.abs(r.linear[j]!) <= tolerance[j]!) result.add(i);
    }
  });
  return result;
}

/** Reals; the gradients of some outputs are zero, and so are those of all whose winner rounding would decide. */
export function roundedCase(c: Case) {
  const run = layerCase(c, uniform);
  run.dOutput.forEach((_, i) => {
    if (i % 7 === 3) run.dOutput[i] = i % 2 ? -0 : 0;
  });
  const open = undecided(c, reference(c, run));
  if (open.size > 2 + run.dOutput.length / 100) throw new Error(`${open.size} winners are undecided`);
  for (const i of open) run.dOutput[i] = 0;
  const r = reference(c, run);
  return { run, expected: r.expected, tolerance: tolerances(c, run, r) };
}

/** Whole numbers: many ties, and by im2col all sums are exact. */
export function exactCase(c: Case) {
  const run = layerCase(c, integers);
  return { run, expected: reference(c, run).expected };
}
