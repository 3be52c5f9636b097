/**
 * A convolution and the 2×2 max pooling behind it as one layer, on every build, through its plan: forward, dInput,
 * dFilter and dBias against the naive layers one after the other. Channels go around vectors (4), tiles (8 filters) and
 * what decides between the algorithms of the forward pass: F(2×2, 3×3) for up to 4 channels and F(4×4, 3×3) for multiples
 * of 8, if filters are multiples of 8; im2col for all others. For kernels of 5×5 F(2×2, 5×5) takes the place of
 * F(4×4, 3×3), and im2col that of F(2×2, 3×3).
 */
import { describe, expect, it } from 'vitest';
import { size } from '../../src/nn/shape.ts';
import { backwardBias, conv2dBackwardFilter, conv2dBackwardInput } from '../reference/conv2d.ts';
import { integers, uniform } from '../reference/data.ts';
import { expectEqual, expectWithin, magnitudes, sumTolerance } from '../reference/tolerance.ts';
import { BORDERS } from '../reference/windows.ts';
import { BUILDS, memoize, type Build, type LayerResult } from './harness.ts';
import {
  exactCase,
  layerCase,
  layersOf,
  name,
  reference,
  RESULTS,
  roundedCase,
  usesWinograd,
  type Case,
  type Results,
} from './pooledCases.ts';
import { runLayer, withArguments, type LayerCase } from './runLayer.ts';

const SIDED = [
  [0, 2],
  [2, 1],
] as const;
const IM2COL = { batch: 2, channels: 3, filters: 4, taps: 3 } as const;
const WINOGRAD_2X2 = { batch: 2, channels: 3, filters: 8, taps: 3 } as const;
const WINOGRAD = { batch: 2, channels: 8, filters: 8, taps: 3 } as const;
const IM2COL_OF_FIVE = { batch: 2, channels: 3, filters: 6, taps: 5 } as const;
const WINOGRAD_OF_FIVE = { batch: 2, channels: 8, filters: 8, taps: 5 } as const;
const ALL = [IM2COL, WINOGRAD_2X2, WINOGRAD, IM2COL_OF_FIVE, WINOGRAD_OF_FIVE];
/** Those whose sums of whole numbers are exact. */
const EXACT = ALL.filter((plain) => !usesWinograd({ ...plain, input: [1, 1], padding: 'same' }));

/** Both odd and even ones: what is left over at the last row or column takes no part in the pooling. */
const SIDES = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];
const sizes = ALL.flatMap((plain) =>
  SIDES.flatMap((side, i): Case[] => {
    const relu = i % 2 === 0;
    const same: Case[] = [
      { ...plain, input: [side, 6], padding: 'same', relu },
      { ...plain, input: [5, side], padding: 'same', relu: !relu },
    ];
    if (side < plain.taps + 1) return same;
    return [
      ...same,
      { ...plain, input: [side, 7], padding: 'valid', relu: !relu },
      { ...plain, input: [6, side], padding: 'valid', relu },
    ];
  }),
);

const channels = [1, 2, 3, 4, 5, 7, 8, 16, 24].flatMap((inputs, i) =>
  [4, 5, 6, 7, 8, 12, 16, 64].flatMap((filters, j) =>
    ([3, 5] as const).map((taps): Case => ({
      batch: 2,
      input: [6, 7],
      channels: inputs,
      filters,
      taps,
      padding: i % 2 ? 'same' : 'valid',
      relu: j % 2 === 0,
    })),
  ),
);

// Up to three images a shard; at most 16 tiles at a time for Winograd.
const batches = ALL.flatMap((plain) => [
  ...[1, 3, 17, 33].map((batch): Case => ({ ...plain, batch, input: [4, 5], padding: 'same', relu: true })),
  ...[1, 3, 17].map((count): Case => ({ ...plain, batch: 20, count, input: [6, 7], padding: 'valid' })),
]);

/** More zeros on some sides, of which every window sees pixels still. */
const borders = ALL.flatMap((plain): Case[] =>
  [true, false].flatMap((relu) => [
    { ...plain, input: [5, 4], padding: SIDED, relu },
    { ...plain, batch: 20, count: 17, input: [4, 7], padding: SIDED, relu },
  ]),
);

const others: readonly Case[] = [
  // More tiles than are transformed, or packed, at a time.
  { batch: 1, input: [37, 35], channels: 8, filters: 8, padding: 'same', relu: true },
  // A tile of 7×7 is all of an image.
  { batch: 33, count: 3, input: [7, 7], channels: 64, filters: 72, padding: 'same', relu: true },
  { batch: 33, count: 2, input: [9, 9], channels: 72, filters: 64, padding: 'valid' },
  // Squares of four such tiles, and what a pooling leaves over beside them.
  { batch: 9, count: 3, input: [15, 15], channels: 64, filters: 72, padding: 'same', relu: true },
  { batch: 4, count: 3, input: [30, 16], channels: 72, filters: 64, padding: 'valid' },
  { batch: 1, input: [18, 34], channels: 5, filters: 12, padding: 'valid' },
  // Two rows of output that need more scratch memory than all else; then lists and a plane that do.
  { batch: 1, input: [2, 40], channels: 4, filters: 60, padding: 'same', relu: true },
  { batch: 1, input: [2, 42], channels: 4, filters: 64, padding: 'same', relu: true },
  { batch: 1, input: [40, 42], channels: 4, filters: 4, padding: 'same' },
  { batch: 1, input: [41, 39], channels: 1, filters: 4, padding: 'valid', relu: true },
];

function prepare(c: Case) {
  return {
    name: name(c),
    exact: usesWinograd(c) ? undefined : memoize(() => exactCase(c)),
    rounded: memoize(() => roundedCase(c)),
  };
}

const groups = Object.entries({ sizes, channels, batches, borders, others }).map(([group, cases]) => ({
  group,
  cases: cases.map(prepare),
}));

function expectExactly(actual: LayerResult, expected: Results): void {
  for (const key of RESULTS) expectEqual(key, actual[key], expected[key]);
}

/** Whole numbers from 1 to 4 with either sign. */
function nonZero(what: string, length: number): Float32Array {
  return integers(what, length).map((value) => (value === 0 ? 1 : value));
}

describe.each(BUILDS)('convolution with pooling, %s', (build) => {
  it.each(EXACT.flatMap((plain) => BORDERS.map((padding) => ({ ...plain, padding }))))(
    'takes the first of equal values where windows see zeros alone: $padding → $filters, $taps taps',
    (plain) => {
      const { run, expected } = exactCase({ ...plain, input: [5, 6] });
      expectExactly(runLayer(build, run), expected);
    },
  );

  describe.each(groups)('$group', ({ cases }) => {
    it.each(cases)('$name', ({ exact, rounded }) => {
      if (exact) {
        const { run, expected } = exact();
        expectExactly(runLayer(build, run), expected);
      }
      const { run, expected, tolerance } = rounded();
      const actual = runLayer(build, run);
      for (const key of RESULTS) expectWithin(key, actual[key], expected[key], tolerance[key]);
    });
  });

  // In the second and third nothing needs more scratch memory than full lists.
  it.each([
    { ...IM2COL, batch: 17, input: [6, 7] as const, channels: 5, filters: 12, padding: 'same' as const },
    {
      batch: 4,
      input: [32, 32] as const,
      channels: 4,
      filters: 4,
      taps: 3 as const,
      padding: 'same' as const,
    },
    {
      batch: 4,
      input: [32, 32] as const,
      channels: 4,
      filters: 3,
      taps: 5 as const,
      padding: 'same' as const,
    },
  ])('passes on every gradient if none is zero: $input, $taps taps', (c) => {
    const run = layerCase(c, integers, nonZero);
    expectExactly(runLayer(build, run), reference(c, run).expected);
  });

  it.each(ALL)(
    'has no gradients if all are zero, of either sign: $channels → $filters, $taps taps',
    (plain) => {
      const c: Case = { ...plain, batch: 3, input: [5, 6], padding: 'same' };
      const run = layerCase(c, integers, (_, length) =>
        new Float32Array(length).map((_, i) => (i % 2 ? -0 : 0)),
      );
      const { dInput, dKernel, dBias } = runLayer(build, run);
      for (const gradient of [dInput, dKernel, dBias])
        expectEqual('zero', gradient, new Float32Array(gradient.length));
    },
  );

  it.each([3, 5] as const)('multiplies nothing by a gradient of zero, %i taps', (taps) => {
    const c: Case = {
      batch: 2,
      input: [taps + 3, taps + 3],
      channels: 2,
      filters: 4,
      taps,
      padding: 'valid',
    };
    const run = layerCase(c, (what, length) => nonZero(what, length).map(Math.abs), integers);
    // No gradient at the first output, whose input is infinite, nor in the second filter, which is so itself.
    const { dOutput } = run;
    for (let f = 0; f < 4; f++) dOutput[f] = f % 2 ? -0 : 0;
    for (let i = 1; i < dOutput.length; i += 4) dOutput[i] = i % 8 === 1 ? -0 : 0;
    const { expected } = reference(c, run);
    run.input[0] = Infinity;
    for (let i = 1; i < run.kernel!.length; i += 4) run.kernel![i] = Infinity;
    const { output, dInput, dKernel, dBias } = runLayer(build, run);
    expect(output[0]).toBe(Infinity);
    expect(output[5]).toBe(Infinity);
    expectEqual('dInput', dInput, expected.dInput);
    expectEqual('dKernel', dKernel, expected.dKernel);
    expectEqual('dBias', dBias, expected.dBias);
  });

  it('passes on the smallest of gradients', () => {
    const c: Case = { ...IM2COL, input: [6, 5], padding: 'same' };
    const run = layerCase(c, integers, (what, length) =>
      nonZero(what, length).map((value) => value * 2 ** -149),
    );
    const { dInput, dKernel, dBias } = runLayer(build, run);
    const { expected } = reference(c, run);
    for (const gradient of [dInput, dKernel, dBias]) expect(gradient.some((value) => value !== 0)).toBe(true);
    expectEqual('dInput', dInput, expected.dInput);
    expectEqual('dKernel', dKernel, expected.dKernel);
    expectEqual('dBias', dBias, expected.dBias);
  });

  describe.each(ALL)('of equal values, $channels → $filters, $taps taps', (plain) => {
    const c: Case = { ...plain, input: [7, 9], padding: 'valid' };

    it('has the first one win, in front of its input', () => {
      const run = layerCase(c, integers);
      run.input.fill(0);
      expectExactly(runLayer(build, run), reference(c, run).expected);
    });

    it('has the first one win, in front of its filter', () => {
      const run = layerCase(c, integers);
      run.kernel!.fill(0);
      expectExactly(runLayer(build, run), reference(c, run).expected);
    });

    it('has none win that a ReLU has clamped, or that is zero', () => {
      const run = layerCase({ ...c, relu: true }, integers, nonZero);
      run.input.fill(0);
      run.bias!.forEach((_, f) => (run.bias![f] = (f % 4) - 2));
      const { expected } = reference({ ...c, relu: true }, run);
      expect(expected.dBias.map((value, f) => (f % 4 === 3 ? 0 : value))).toEqual(
        expected.dBias.map(() => 0),
      );
      expectExactly(runLayer(build, run), expected);
    });
  });

  it('has the first of equals win, whichever they are', () => {
    // The middle tap of the only channel is 1: the pooling sees the input's own values, in each order of a window.
    const orders = Array.from({ length: 81 }, (_, i) =>
      [0, 1, 2, 3].map((place) => Math.floor(i / 3 ** place) % 3),
    );
    const c: Case = { batch: 81, input: [2, 2], channels: 1, filters: 4, padding: 'same' };
    const run = layerCase(c, integers, nonZero);
    run.input.set(orders.flatMap((order) => order.map((value) => value - 1)));
    run.kernel!.fill(0).fill(1, 16, 20);
    run.bias!.fill(0);
    const { dInput, output } = runLayer(build, run);
    orders.forEach((order, n) => {
      const winner = order.indexOf(Math.max(...order));
      const gradient = run.dOutput.subarray(4 * n, 4 * n + 4).reduce((sum, value) => sum + value, 0);
      const expected = order.map((_, place) => (place === winner ? gradient : 0));
      expectEqual(`image ${n}`, dInput.subarray(4 * n, 4 * n + 4), expected);
      expect(output[4 * n]).toBe(Math.max(...order) - 1);
    });
  });

  it.each([
    { taps: 3, filters: 8 },
    { taps: 3, filters: 6 },
    { taps: 5, filters: 8 },
    { taps: 5, filters: 5 },
  ] as const)(
    'reads nothing behind its dOutput, and behind its input no more than the rest of a vector: $taps taps, $filters filters',
    (of) => {
      for (const inputs of [1, 2, 3, 4, 5, 7, 8]) {
        for (const [height, width] of [[4, 4] as const, [6, 4] as const, [5, 7] as const]) {
          const input = [height + of.taps - 3, width + of.taps - 3] as const;
          const c: Case = { ...of, batch: 2, input, channels: inputs, padding: 'valid' };
          const run = layerCase(c, uniform);
          const expected = runLayer(build, run);
          expect(runLayer(build, { ...run, last: 'dOutput' })).toEqual(expected);
          const behind = ((4 - (inputs % 4)) % 4) * 4;
          expect(runLayer(build, { ...run, last: 'input', behind })).toEqual(expected);
        }
      }
    },
  );
});

/** What the two layers give one after the other, by the algorithm that both as one use for the forward pass. */
function separately(build: Build, c: Case, run: LayerCase): { dLinear: Float32Array; results: LayerResult } {
  const { convolution, pooling } = layersOf(c, usesWinograd(c) ? 'winograd' : 'im2col');
  const dLinear = new Float32Array(c.batch * size(convolution.outputShape));
  const input = dLinear.slice();
  input.set(runLayer(build, { ...run, layer: convolution, dOutput: dLinear }).output);
  const { batch, count, dOutput } = run;
  const pooled = runLayer(build, {
    layer: pooling,
    batch,
    count,
    input,
    dOutput,
    adjust: (instruction) => withArguments(instruction, 'maxPool2dBackward', { relu: c.relu ? 1 : 0 }),
  });
  dLinear.set(pooled.dInput);
  const { dInput, dKernel, dBias } = runLayer(build, { ...run, layer: convolution, dOutput: dLinear });
  return { dLinear, results: { output: pooled.output, dInput, dKernel, dBias } };
}

describe('convolution with pooling, as two layers', () => {
  const cases = [
    IM2COL,
    WINOGRAD,
    { ...WINOGRAD, channels: 24, filters: 12 },
    IM2COL_OF_FIVE,
    WINOGRAD_OF_FIVE,
  ].flatMap((plain) =>
    [false, true].flatMap((relu): Case[] => [
      { ...plain, batch: 17, input: [8, 10], padding: 'same', relu },
      { ...plain, batch: 5, count: 3, input: [9, 7], padding: 'valid', relu },
      { ...plain, batch: 3, input: [13, 11], padding: 'same', relu },
    ]),
  );

  it.each(ALL)('has the same NaNs and infinities, $channels → $filters, $taps taps', (plain) => {
    for (const relu of [false, true]) {
      const c: Case = { ...plain, input: [8, 13], padding: 'same', relu };
      const run = layerCase(c, uniform);
      run.input[0] = NaN;
      // By Winograd an infinity makes NaNs of its neighbours, of which not all go through the pooling.
      if (plain === IM2COL || plain === IM2COL_OF_FIVE) run.input[12 * c.channels] = -Infinity;
      const { output } = runLayer('simd', run);
      const expected = separately('simd', c, run).results.output;
      expect(output.some(Number.isNaN)).toBe(true);
      expect([...output].map(Number.isNaN)).toEqual([...expected].map(Number.isNaN));
      if (plain !== WINOGRAD_2X2) expect(output).toEqual(expected);
    }
  });

  it.each(cases.map((c) => ({ c, name: name(c) })))('$name', ({ c }) => {
    const run = layerCase(c, uniform);
    const actual = runLayer('simd', run);
    const { dLinear, results } = separately('simd', c, run);
    const { conv } = reference(c, run);
    // By Winograd, tiles at an odd edge are smaller with the pooling than without it.
    if (!usesWinograd(c) || (conv.height % 2 === 0 && conv.width % 2 === 0)) {
      expect(actual.output).toEqual(results.output);
    }

    // The same outputs have the same winners, even where rounding decides them.
    const gradient = magnitudes(dLinear.subarray(0, run.count * conv.height * conv.width * c.filters));
    const input = magnitudes(run.input.subarray(0, run.count * size(run.layer.inputShape)));
    const outputs = run.count * conv.height * conv.width;
    const magnitude = {
      dInput: conv2dBackwardInput(conv, magnitudes(run.kernel!), gradient),
      dKernel: conv2dBackwardFilter(conv, input, gradient),
      dBias: backwardBias(c.filters, gradient),
    };
    const roundings = {
      dInput: (c.taps ?? 3) ** 2 * c.filters + 1,
      dKernel: outputs + 16,
      dBias: outputs + 16,
    };
    for (const key of ['dInput', 'dKernel', 'dBias'] as const) {
      const largest = magnitude[key].reduce((most, value) => Math.max(most, value), 0);
      // Each of both may be off.
      const tolerance = magnitude[key].map((value) =>
        sumTolerance(roundings[key], usesWinograd(c) ? largest + value : 2 * value),
      );
      expectWithin(key, actual[key], results[key], tolerance);
    }
  });
});
