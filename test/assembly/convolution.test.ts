/**
 * Convolution by im2col on every build, through the plan of a layer: forward, dInput, dFilter and dBias, around the edges of
 * tiles (4 outputs × 8 channels), chunks (64 outputs), blocks (16 tiles, or 16 KiB) and shards (16).
 */
import { describe, expect, it } from 'vitest';
import { size } from '../../src/nn/shape.ts';
import { conv2d } from '../../src/nn/spec.ts';
import {
  backwardBias,
  conv2dBackwardFilter,
  conv2dBackwardInput,
  conv2dForward,
} from '../reference/conv2d.ts';
import { integers, uniform } from '../reference/data.ts';
import { reluForward } from '../reference/relu.ts';
import { expectEqual, expectWithin, magnitudes, sumTolerances } from '../reference/tolerance.ts';
import { BORDERS, windows, type WindowPadding } from '../reference/windows.ts';
import { BUILDS, memoize, type LayerResult } from './harness.ts';
import { layerOf, runLayer, withArguments, type LayerCase, type TestedLayer } from './runLayer.ts';

interface Case {
  readonly batch: number;
  /** How many of the batch there are; all by default. */
  readonly count?: number;
  readonly input: readonly [number, number];
  readonly channels: number;
  readonly filters: number;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: WindowPadding;
  readonly relu?: boolean;
}

const PLAIN = { batch: 2, kernel: [3, 3], strides: [1, 1], padding: 'same' } as const;

const tileEdges = [1, 3, 4, 5, 7, 8, 9, 13].flatMap((width) =>
  [1, 7, 8, 9, 17].map((filters): Case => ({ ...PLAIN, input: [3, width], channels: 3, filters })),
);

const KERNELS = [
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 4],
  [5, 5],
  [6, 6],
  [7, 7],
  [1, 3],
  [3, 2],
  [5, 1],
  [2, 7],
] as const;
const STRIDES = [
  [1, 1],
  [2, 2],
  [3, 3],
  [1, 2],
  [3, 1],
] as const;
const kernelsAndStrides = KERNELS.flatMap((kernel) =>
  STRIDES.flatMap((strides) =>
    ['same' as const, 'valid' as const, ...BORDERS].flatMap((padding) =>
      [5, 18].map((filters): Case => ({
        batch: 3,
        input: [9, 8],
        channels: 3,
        filters,
        kernel,
        strides,
        padding,
      })),
    ),
  ),
);

const CHANNELS = [1, 3, 5, 17, 33, 64];
const channels = CHANNELS.flatMap((inputs) =>
  CHANNELS.map((filters): Case => ({ ...PLAIN, input: [5, 6], channels: inputs, filters })),
);

const batches = [1, 3, 15, 16, 17, 33].map((batch): Case => ({
  ...PLAIN,
  batch,
  input: [3, 5],
  channels: 2,
  filters: 9,
  relu: true,
}));
const partialBatches = [1, 3, 17].map((count): Case => ({
  ...PLAIN,
  batch: 20,
  count,
  input: [4, 3],
  channels: 3,
  filters: 4,
}));

// One image is one shard: with these, its outputs end just before, at and after a chunk.
const chunkEdges = (
  [
    [7, 9],
    [8, 8],
    [5, 13],
    [1, 127],
    [2, 64],
    [3, 43],
  ] as const
).map((input): Case => ({ ...PLAIN, batch: 1, input, channels: 2, filters: 9 }));

// Blocks of 3 tiles, of 1, and of 1 that is too large.
const blockEdges: readonly Case[] = [
  { ...PLAIN, input: [3, 17], channels: 33, filters: 25 },
  { ...PLAIN, input: [4, 7], channels: 64, filters: 24, kernel: [4, 4] },
  { ...PLAIN, batch: 1, input: [5, 6], channels: 33, filters: 17, kernel: [7, 7], relu: true },
  // 15, 16, 17 and 33 tiles.
  ...[15, 16, 17, 33].map((height): Case => ({
    ...PLAIN,
    batch: 1,
    input: [height, 4],
    channels: 1,
    filters: 24,
  })),
];

const others: readonly Case[] = [
  { ...PLAIN, input: [11, 13], channels: 3, filters: 32, relu: true },
  { ...PLAIN, input: [7, 5], channels: 4, filters: 16, padding: 'valid', relu: true },
  { ...PLAIN, input: [1, 1], channels: 1, filters: 1 },
  { ...PLAIN, input: [1, 1], channels: 3, filters: 5, kernel: [7, 7], strides: [3, 3] },
  { ...PLAIN, input: [2, 3], channels: 3, filters: 8, strides: [3, 3] },
  { ...PLAIN, input: [13, 2], channels: 5, filters: 3, kernel: [3, 5], strides: [2, 3] },
];

function name({ batch, count, input, channels: C, filters, kernel, strides, padding, relu }: Case): string {
  const images = count === undefined ? `${batch}` : `${count} of ${batch}`;
  return `${images} × ${input.join('×')}×${C} → ${filters}, kernel ${kernel.join('×')}, strides ${strides.join('×')}, ${String(padding)}${relu ? ', relu' : ''}`;
}

type Generate = (name: string, length: number) => Float32Array;

function convolutionOf({ input, channels: C, filters, kernel, strides, padding, relu }: Case): TestedLayer {
  const activation = relu ? 'relu' : 'linear';
  const spec = conv2d({ name: 'conv2d', filters, kernelSize: kernel, strides, padding, activation });
  return layerOf([spec], [...input, C], 'im2col');
}

function layerCase(c: Case, generate: Generate): LayerCase {
  const layer = convolutionOf(c);
  return {
    layer,
    batch: c.batch,
    count: c.count ?? c.batch,
    input: generate('input', c.batch * size(layer.inputShape)),
    kernel: generate('kernel', size(layer.weights[0]!.shape)),
    bias: generate('bias', c.filters),
    dOutput: generate('dOutput', c.batch * size(layer.outputShape)),
  };
}

/** The truth, or with `magnitude` the sums of the terms' absolute values. */
function reference(c: Case, run: LayerCase, magnitude: boolean): Record<keyof LayerResult, Float64Array> {
  const take = magnitude ? magnitudes : (values: Float32Array) => Float64Array.from(values);
  const conv = {
    ...windows(run.count, c.input, c.kernel, c.strides, c.padding),
    channels: c.channels,
    filters: c.filters,
  };
  const input = take(run.input.subarray(0, run.count * size(run.layer.inputShape)));
  const kernel = take(run.kernel!);
  const dOutput = take(run.dOutput.subarray(0, run.count * size(run.layer.outputShape)));
  const output = conv2dForward(conv, input, kernel, take(run.bias!));
  return {
    output: c.relu ? reluForward(output) : output,
    dInput: conv2dBackwardInput(conv, kernel, dOutput),
    dKernel: conv2dBackwardFilter(conv, input, dOutput),
    dBias: backwardBias(c.filters, dOutput),
  };
}

/** How often each kind of sum is rounded at most: once a term, and once a shard. */
function roundings(c: Case, run: LayerCase): Record<keyof LayerResult, number> {
  const taps = size(c.kernel);
  const outputs = run.count * size(run.layer.outputShape.slice(0, 2));
  return {
    output: taps * c.channels + 1,
    dInput: taps * c.filters + 1,
    dKernel: outputs + 16,
    dBias: outputs + 16,
  };
}

function prepare(c: Case) {
  return {
    name: name(c),
    exact: memoize(() => {
      const run = layerCase(c, integers);
      return { run, expected: reference(c, run, false) };
    }),
    rounded: memoize(() => {
      const run = layerCase(c, uniform);
      return {
        run,
        expected: reference(c, run, false),
        magnitude: reference(c, run, true),
        roundings: roundings(c, run),
      };
    }),
  };
}

const groups = Object.entries({
  'tile edges': tileEdges,
  'kernels and strides': kernelsAndStrides,
  channels,
  batches,
  'partial batches': partialBatches,
  'chunk edges': chunkEdges,
  'block edges': blockEdges,
  others,
}).map(([group, cases]) => ({ group, cases: cases.map(prepare) }));

const RESULTS = ['output', 'dInput', 'dKernel', 'dBias'] as const;

describe.each(BUILDS)('convolution, %s', (build) => {
  describe.each(groups)('$group', ({ cases }) => {
    it.each(cases)('$name', ({ exact, rounded }) => {
      const integral = exact();
      const ofIntegers = runLayer(build, integral.run);
      const real = rounded();
      const ofReals = runLayer(build, real.run);
      for (const key of RESULTS) {
        expectEqual(`${key} of integers`, ofIntegers[key], integral.expected[key]);
        const tolerance = sumTolerances(real.roundings[key], real.magnitude[key]);
        expectWithin(key, ofReals[key], real.expected[key], tolerance);
      }
    });
  });

  it('has the same bits whatever the size of blocks and chunks', () => {
    const c: Case = { ...PLAIN, batch: 3, input: [9, 11], channels: 5, filters: 13 };
    const run = layerCase(c, uniform);
    const expected = runLayer(build, run);
    for (const blocking of [1, 2, 5]) {
      const actual = runLayer(build, {
        ...run,
        adjust: (instruction) =>
          withArguments(
            withArguments(instruction, 'correlate', { tilesPerBlock: blocking }),
            'conv2dBackwardFilter',
            { chunk: blocking },
          ),
      });
      for (const key of RESULTS) expect(actual[key]).toEqual(expected[key]);
    }
  });

  it('reads nothing behind its input and dOutput', () => {
    for (const width of [3, 4, 5, 6, 7]) {
      for (const kernel of [[1, 1] as const, [2, 3] as const]) {
        const input = [3, width] as const;
        const c: Case = { ...PLAIN, batch: 1, input, channels: 3, filters: 9, kernel, padding: 'valid' };
        const run = layerCase(c, uniform);
        const expected = runLayer(build, run);
        for (const last of ['input', 'dOutput'] as const) {
          expect(runLayer(build, { ...run, last })).toEqual(expected);
        }
      }
    }
  });

  it('clamps at zero with ReLU, and lets NaN through', () => {
    const c: Case = {
      ...PLAIN,
      batch: 1,
      input: [1, 5],
      channels: 1,
      filters: 9,
      kernel: [1, 1],
      relu: true,
    };
    const run = layerCase(c, integers);
    run.input.set([-1, 0, 1, NaN, -2]);
    run.kernel!.fill(1);
    run.bias!.fill(0);
    const { output } = runLayer(build, run);
    const rows = [0, 0, 1, NaN, 0];
    expect([...output]).toEqual(rows.flatMap((value) => new Array<number>(9).fill(value)));
  });
});
