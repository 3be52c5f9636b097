/**
 * Convolution by Winograd's algorithm on every build, through the plan of a layer: forward, dInput, dFilter and dBias,
 * around the edges of tiles (4×4 outputs, 2×2 for kernels of 5×5, 8 channels) and shards.
 */
import { describe, expect, it } from 'vitest';
import type { Instruction } from '../../src/engine/program.ts';
import { size } from '../../src/nn/shape.ts';
import { conv2d } from '../../src/nn/spec.ts';
import {
  backwardBias,
  conv2dBackwardFilter,
  conv2dBackwardInput,
  conv2dForward,
} from '../reference/conv2d.ts';
import { uniform } from '../reference/data.ts';
import { reluForward } from '../reference/relu.ts';
import { expectWithin, magnitudes, sumTolerance } from '../reference/tolerance.ts';
import { BORDERS, windows, type WindowPadding } from '../reference/windows.ts';
import { BUILDS, memoize } from './harness.ts';
import { layerOf, runLayer, withArguments, type LayerCase } from './runLayer.ts';
import { SEVEN_LOSES, usesSeven } from './sevenTiles.ts';

interface Case {
  readonly batch: number;
  readonly count?: number;
  readonly input: readonly [number, number];
  readonly channels: number;
  readonly filters: number;
  /** Along a side; 3 by default. */
  readonly taps?: number;
  readonly padding: WindowPadding;
  readonly relu?: boolean;
}

const PLAIN = { batch: 2, channels: 8, filters: 8 } as const;
const SIDES = [1, 2, 3, 4, 5, 7, 8, 9, 10, 13];

const cases: readonly Case[] = [
  ...fiveTaps(),
  ...SIDES.map((side): Case => ({ ...PLAIN, input: [side, 6], padding: 'same' })),
  ...SIDES.map((side): Case => ({ ...PLAIN, input: [5, side], padding: 'same' })),
  ...SIDES.filter((side) => side > 2).flatMap((side): Case[] => [
    { ...PLAIN, input: [side, 6], padding: 'valid' },
    { ...PLAIN, input: [5, side], padding: 'valid' },
  ]),
  ...[8, 16, 24, 64].flatMap((channels) =>
    [8, 16, 40].map((filters): Case => ({ batch: 2, input: [6, 5], channels, filters, padding: 'same' })),
  ),
  ...[1, 3, 7, 8, 9, 17, 33].map((batch): Case => ({
    ...PLAIN,
    batch,
    input: [4, 5],
    padding: 'same',
    relu: true,
  })),
  ...[1, 3, 17].map((count): Case => ({ ...PLAIN, batch: 20, count, input: [5, 3], padding: 'valid' })),
  ...BORDERS.flatMap((padding) =>
    [3, 5].flatMap((taps): Case[] => [
      { ...PLAIN, taps, input: [5, 6], padding },
      { ...PLAIN, taps, batch: 20, count: 17, input: [4, 7], padding, relu: true },
    ]),
  ),
  // More tiles than are transformed at a time.
  { ...PLAIN, batch: 1, input: [37, 35], padding: 'same', relu: true },
  { ...PLAIN, batch: 3, input: [16, 17], channels: 32, filters: 16, padding: 'same' },
  // Tiles of 7×7, of all passes and of the forward pass only.
  { batch: 17, count: 2, input: [7, 14], channels: 64, filters: 72, padding: 'same', relu: true },
  { batch: 34, count: 3, input: [9, 9], channels: 72, filters: 64, padding: 'valid' },
  // A filter that is not near: more tiles at a time.
  { batch: 5, input: [7, 5], channels: 256, filters: 128, padding: 'same' },
];

function fiveTaps(): Case[] {
  const plain = { ...PLAIN, taps: 5 };
  return [
    ...SIDES.map((side): Case => ({ ...plain, input: [side, 6], padding: 'same' })),
    ...SIDES.map((side): Case => ({ ...plain, input: [5, side], padding: 'same', relu: true })),
    ...SIDES.filter((side) => side > 4).map((side): Case => ({
      ...plain,
      input: [side, 6],
      padding: 'valid',
    })),
    ...SIDES.filter((side) => side > 4).map((side): Case => ({
      ...plain,
      input: [7, side],
      padding: 'valid',
    })),
    { ...plain, batch: 3, input: [6, 7], channels: 24, filters: 40, padding: 'same' },
    { ...plain, batch: 20, count: 17, input: [5, 6], padding: 'same' },
    { ...plain, batch: 1, input: [37, 35], padding: 'same' },
  ];
}

/**
 * What a value loses as it is added to and subtracted from its neighbours before and after multiplying does not shrink
 * with its own terms but goes with the largest around. So the tolerance is the same for a whole tensor: the largest that
 * im2col would have. Of this, these cases have used up between a quarter and a half; tiles of 7×7 have larger errors (sevenOutputs.ts).
 */
function tolerances(roundings: number, magnitude: Float64Array, seven: boolean): Float64Array {
  const largest = magnitude.reduce((most, value) => Math.max(most, value), 0);
  return magnitude.map(() => sumTolerance(roundings, largest) * (seven ? SEVEN_LOSES : 1));
}

function prepare(c: Case) {
  const { batch, count = batch, input, channels, filters, taps = 3, padding, relu } = c;
  const activation = relu ? 'relu' : 'linear';
  const spec = conv2d({ name: 'conv2d', filters, kernelSize: taps, padding, activation });
  return {
    name: `${count} of ${batch} × ${input.join('×')}×${channels} → ${filters}, ${taps}×${taps}, ${String(padding)}${relu ? ', relu' : ''}`,
    compute: memoize(() => {
      const layer = layerOf([spec], [...input, channels], 'winograd');
      const run: LayerCase = {
        layer,
        batch,
        count,
        input: uniform('input', batch * size(layer.inputShape)),
        kernel: uniform('kernel', size(layer.weights[0]!.shape)),
        bias: uniform('bias', filters),
        dOutput: uniform('dOutput', batch * size(layer.outputShape)),
      };
      const conv = { ...windows(count, input, [taps, taps], [1, 1], padding), channels, filters };
      const reference = (take: (values: Float32Array) => Float64Array) => {
        const x = take(run.input.subarray(0, count * size(layer.inputShape)));
        const gradient = take(run.dOutput.subarray(0, count * size(layer.outputShape)));
        const output = conv2dForward(conv, x, take(run.kernel!), take(run.bias!));
        return {
          output: relu ? reluForward(output) : output,
          dInput: conv2dBackwardInput(conv, take(run.kernel!), gradient),
          dKernel: conv2dBackwardFilter(conv, x, gradient),
          dBias: backwardBias(filters, gradient),
        };
      };
      const outputs = count * conv.height * conv.width;
      return {
        run,
        seven: usesSeven({ ...conv, batch }),
        expected: reference((values) => Float64Array.from(values)),
        magnitude: reference(magnitudes),
        roundings: {
          output: taps * taps * channels + 1,
          dInput: taps * taps * filters + 1,
          dKernel: outputs + 16,
          dBias: outputs + 16,
        },
      };
    }),
  };
}

const prepared = cases.map(prepare);

describe.each(BUILDS)('convolution by Winograd, %s', (build) => {
  it.each(prepared)('$name', ({ compute }) => {
    const { run, seven, expected, magnitude, roundings } = compute();
    const actual = runLayer(build, run);
    for (const key of ['output', 'dInput', 'dKernel', 'dBias'] as const) {
      expectWithin(key, actual[key], expected[key], tolerances(roundings[key], magnitude[key], seven));
    }
  });

  it('has the same bits however tiles and channels are shared out', () => {
    const c: Case = { batch: 3, input: [9, 11], channels: 24, filters: 40, padding: 'same', relu: true };
    const { run } = prepare(c).compute();
    const expected = runLayer(build, run);
    for (const [tilesPerBlock, groups, items] of [
      [4, 1, 1],
      [4, 2, 5],
      [8, 3, 64],
    ] as const) {
      const values = { tilesPerBlock, groups, items };
      const adjust = (instruction: Instruction): Instruction =>
        instruction.kernel === 'winogradCorrelate'
          ? withArguments({ ...instruction, items }, instruction.kernel, values)
          : instruction;
      expect(runLayer(build, { ...run, adjust })).toEqual(expected);
    }
  });

  // Of more panels of filters than are multiplied at a time, all of a shard in one group: in one chunk of whole tiles, of several kinds
  // of tiles, and in several chunks.
  it.each([
    { batch: 3, input: [8, 12], channels: 8, filters: 48, padding: 'same', chunk: 64 },
    { batch: 3, input: [9, 11], channels: 16, filters: 72, padding: 'same', chunk: 64 },
    { batch: 3, input: [9, 11], channels: 16, filters: 72, padding: 'same', chunk: 8 },
    { batch: 2, input: [7, 9], channels: 8, filters: 40, taps: 5, padding: 'same', chunk: 8 },
    { batch: 1, input: [3, 9], channels: 8, filters: 40, padding: 'same', chunk: 64 },
  ] satisfies (Case & { chunk: number })[])(
    'has the right gradient of many filters, $input × $channels → $filters, chunks of $chunk',
    ({ chunk, ...c }) => {
      const { run, expected, magnitude, roundings } = prepare(c).compute();
      const adjust = (instruction: Instruction): Instruction =>
        instruction.kernel === 'winogradBackwardFilter'
          ? withArguments({ ...instruction, items: 1 }, instruction.kernel, { groups: 1, chunk })
          : instruction;
      const actual = runLayer(build, { ...run, adjust });
      for (const key of ['dKernel', 'dBias'] as const) {
        expectWithin(key, actual[key], expected[key], tolerances(roundings[key], magnitude[key], false));
      }
    },
  );

  it('copies images through a filter that takes the middle', () => {
    const spec = conv2d({ name: 'c', filters: 8, kernelSize: 3, padding: 'same' });
    const layer = layerOf([spec], [5, 5, 8], 'winograd');
    const kernel = new Float32Array(9 * 64);
    for (let c = 0; c < 8; c++) kernel[4 * 64 + c * 8 + c] = 1;
    const input = Float32Array.from({ length: 200 }, (_, i) => i % 7);
    const run = { layer, batch: 1, count: 1, input, kernel, bias: new Float32Array(8), dOutput: input };
    const { output, dInput } = runLayer(build, run);
    for (const result of [output, dInput]) {
      expectWithin('copy', result, input, new Float32Array(200).fill(1e-5));
    }
    expect(output.length).toBe(200);
  });
});
