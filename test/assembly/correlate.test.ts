/**
 * The im2col kernels by themselves, on every build, for what a plain convolution does not ask of them: taps apart from each
 * other, groups of channels, ceilings, and sums so long that they are made of blocks. See convolution.test.ts for the rest.
 */
import { describe, expect, it } from 'vitest';
import {
  backwardBias,
  conv2dBackwardFilter,
  conv2dBackwardInput,
  conv2dForward,
} from '../reference/conv2d.ts';
import { integers, uniform } from '../reference/data.ts';
import { expectEqual, expectWithin, magnitudes, sumTolerances } from '../reference/tolerance.ts';
import { BORDERS, windows, type WindowPadding } from '../reference/windows.ts';
import { runConvolution, type ConvolutionRun } from './correlationCase.ts';
import { BUILDS, memoize } from './harness.ts';

interface Case {
  readonly batch?: number;
  readonly input: readonly [number, number];
  readonly channels: number;
  readonly filters: number;
  readonly groups?: number;
  readonly kernel: readonly [number, number];
  readonly strides?: readonly [number, number];
  readonly dilations?: readonly [number, number];
  readonly padding?: WindowPadding;
  readonly floor?: number;
  readonly ceiling?: number;
}

/** So many columns that rows are packed in all builds: see assembly/gemm/unpacked.ts. */
const PACKED = 18;

const dilated = (
  [
    [1, 1],
    [2, 3],
    [3, 3],
    [3, 1],
    [5, 4],
  ] as const
).flatMap((kernel) =>
  (
    [
      [2, 2],
      [1, 3],
      [3, 2],
    ] as const
  ).flatMap((dilations) =>
    ['same' as const, 'valid' as const, ...BORDERS].flatMap((padding) =>
      [5, PACKED].map((filters): Case => ({
        input: [13, 10],
        channels: 3,
        filters,
        kernel,
        dilations,
        padding,
      })),
    ),
  ),
);

const tileEdges = [1, 3, 4, 5, 7, 8, 9].flatMap((width) =>
  [1, 7, 8, 9, 17, 24, 25].map((filters): Case => ({
    input: [3, width],
    channels: 5,
    filters,
    kernel: [2, 3],
    dilations: [2, 2],
  })),
);

// [channels, filters, groups]: shares of 1, below, at and above a tile of columns and a vector.
const grouped = (
  [
    [2, 2, 2],
    [4, 8, 2],
    [6, 9, 3],
    [8, 8, 8],
    [6, 14, 2],
    [16, 16, 2],
    [18, 34, 2],
    [4, 42, 2],
    [9, 72, 3],
    [15, 24, 3],
  ] as const
).flatMap(([channels, filters, groups]) =>
  (
    [
      [
        [1, 1],
        [1, 1],
        [1, 1],
      ],
      [
        [3, 3],
        [1, 1],
        [1, 1],
      ],
      [
        [3, 2],
        [2, 2],
        [1, 1],
      ],
      [
        [2, 3],
        [3, 1],
        [1, 1],
      ],
      [
        [3, 3],
        [1, 1],
        [2, 3],
      ],
    ] as const
  ).map(([kernel, strides, dilations]): Case => ({
    input: [6, 9],
    channels,
    filters,
    groups,
    kernel,
    strides,
    dilations,
  })),
);

const clamped = (
  [
    [-Infinity, 6],
    [0, 6],
    [0, Infinity],
    [-1, 1],
  ] as const
).flatMap(([floor, ceiling]) =>
  [3, 8, 13, 20, 24].map((filters): Case => ({
    input: [3, 6],
    channels: 4,
    filters,
    kernel: [3, 3],
    floor,
    ceiling,
  })),
);

// Depths around 1,024 (the last of one chain) and multiples of 256 (a block), forward or in dInput.
const long: readonly Case[] = [
  ...[1023, 1024, 1025, 1279, 1280, 1281, 1536, 2060].map((channels): Case => ({
    input: [1, 5],
    channels,
    filters: 9,
    kernel: [1, 1],
  })),
  ...[1, 3, 4, 7, 8, 15, 16, 17, 20, 24, 25].map((filters): Case => ({
    batch: 1,
    input: [1, 9],
    channels: 1100,
    filters,
    kernel: [1, 1],
    floor: filters % 2 ? 0 : -Infinity,
    ceiling: filters % 3 ? Infinity : 6,
  })),
  { batch: 1, input: [2, 6], channels: 116, filters: 130, kernel: [3, 3], floor: 0 },
  { batch: 1, input: [2, 6], channels: 130, filters: 12, kernel: [3, 3], dilations: [1, 2], ceiling: 6 },
  { batch: 1, input: [2, 6], channels: 232, filters: 18, groups: 2, kernel: [3, 3] },
];

function name(c: Case): string {
  const { input, channels, filters, groups = 1, kernel, strides, dilations, padding = 'same' } = c;
  const more = [
    groups > 1 ? `${groups} groups` : '',
    strides ? `strides ${strides.join('×')}` : '',
    dilations ? `dilations ${dilations.join('×')}` : '',
    c.floor === undefined && c.ceiling === undefined
      ? ''
      : `from ${c.floor ?? -Infinity} to ${c.ceiling ?? Infinity}`,
  ].filter(Boolean);
  return `${input.join('×')}×${channels} → ${filters}, kernel ${kernel.join('×')}, ${String(padding)} ${more.join(', ')}`;
}

function runOf(c: Case, generate: (name: string, length: number) => Float32Array): ConvolutionRun {
  const {
    batch = 2,
    channels,
    filters,
    groups = 1,
    kernel,
    strides = [1, 1],
    dilations,
    padding = 'same',
  } = c;
  const conv = { ...windows(batch, c.input, kernel, strides, padding, dilations), channels, filters, groups };
  return {
    conv,
    input: generate('input', batch * conv.inputHeight * conv.inputWidth * channels),
    kernel: generate('kernel', conv.windowHeight * conv.windowWidth * (channels / groups) * filters),
    bias: generate('bias', filters),
    dOutput: generate('dOutput', batch * conv.height * conv.width * filters),
    floor: c.floor ?? -Infinity,
    ceiling: c.ceiling ?? Infinity,
  };
}

/** The truth before it is clamped, or with `magnitudes` the sums of the terms' absolute values. */
function reference({ conv, ...run }: ConvolutionRun, take: (values: Float32Array) => Float64Array) {
  const [input, kernel, dOutput] = [take(run.input), take(run.kernel), take(run.dOutput)];
  return {
    output: conv2dForward(conv, input, kernel, take(run.bias)),
    dInput: conv2dBackwardInput(conv, kernel, dOutput),
    dKernel: conv2dBackwardFilter(conv, input, dOutput),
    dBias: backwardBias(conv.filters, dOutput),
  };
}

function truth(run: ConvolutionRun) {
  const expected = reference(run, (values) => Float64Array.from(values));
  const { floor = -Infinity, ceiling = Infinity } = run;
  return { ...expected, output: expected.output.map((value) => Math.min(Math.max(value, floor), ceiling)) };
}

function prepare(c: Case) {
  const rounded = runOf(c, uniform);
  const { windowHeight, windowWidth, channels, filters, groups, batch, height, width } = rounded.conv;
  const perGroup = (windowHeight * windowWidth) / groups!;
  return {
    name: name(c),
    exact: memoize(() => {
      const run = runOf(c, integers);
      return { run, expected: truth(run) };
    }),
    rounded: memoize(() => ({
      run: rounded,
      expected: truth(rounded),
      magnitude: reference(rounded, magnitudes),
      roundings: {
        output: perGroup * channels + 1,
        dInput: perGroup * filters + 1,
        dKernel: batch * height * width + 3,
        dBias: batch * height * width + 3,
      },
    })),
  };
}

const families = Object.entries({ dilated, tileEdges, grouped, clamped, long }).map(([family, cases]) => ({
  family,
  cases: cases.map(prepare),
}));

const RESULTS = ['output', 'dInput', 'dKernel', 'dBias'] as const;

describe.each(BUILDS)('correlations, %s', (build) => {
  describe.each(families)('$family', ({ cases }) => {
    it.each(cases)('$name', ({ exact, rounded }) => {
      const integral = exact();
      const ofIntegers = runConvolution(build, integral.run);
      const real = rounded();
      const ofReals = runConvolution(build, real.run);
      for (const key of RESULTS) {
        expectEqual(`${key} of integers`, ofIntegers[key], integral.expected[key]);
        const tolerance = sumTolerances(real.roundings[key], real.magnitude[key]);
        expectWithin(key, ofReals[key], real.expected[key], tolerance);
      }
    });
  });

  it('has the same bits whatever the size of blocks and chunks, and with adjacent taps one by one', () => {
    const plain = { input: [5, 11], channels: 5, filters: PACKED, kernel: [3, 3] } as const;
    const deep = { input: [1, 19], channels: 1100, filters: 13, kernel: [1, 1] } as const;
    for (const c of [plain, { ...plain, filters: 13 }, { ...plain, dilations: [2, 2] as const }, deep]) {
      const run = runOf(c, uniform);
      const expected = runConvolution(build, run);
      for (const blocking of [1, 2, 7]) {
        expect(runConvolution(build, { ...run, tilesPerBlock: blocking, chunk: blocking })).toEqual(expected);
      }
      expect(runConvolution(build, { ...run, apart: true })).toEqual(expected);
    }
  });

  it('has the same bits of a few filters, whose inputs are not packed, as of more', () => {
    for (const dilations of [[1, 1] as const, [1, 2] as const]) {
      const more = runOf({ input: [5, 7], channels: 5, filters: PACKED, kernel: [3, 3], dilations }, uniform);
      const packed = runConvolution(build, more).output;
      for (const filters of [1, 6, 8, 13, 16]) {
        const first = (values: Float32Array): Float32Array => values.filter((_, i) => i % PACKED < filters);
        const { output } = runConvolution(build, {
          ...more,
          conv: { ...more.conv, filters },
          kernel: first(more.kernel),
          bias: first(more.bias),
          dOutput: first(more.dOutput),
        });
        expectEqual(`${filters} filters`, output, first(packed));
      }
    }
  });

  it('lets NaN through floor and ceiling', () => {
    for (const filters of [1, 8, 9, PACKED]) {
      for (const channels of [1, 1025]) {
        const run = runOf({ batch: 1, input: [1, 5], channels, filters, kernel: [1, 1] }, integers);
        run.input.fill(0);
        [-1, 5, 7, NaN, -0].forEach((value, x) => (run.input[x * channels] = value));
        run.kernel.fill(1);
        run.bias.fill(0);
        const { output } = runConvolution(build, { ...run, floor: 0, ceiling: 6 });
        const rows = [0, 5, 6, NaN, 0];
        expect([...output]).toEqual(rows.flatMap((value) => new Array<number>(filters).fill(value)));
      }
    }
  });

  it('sums up 4,096 products more accurately than a chain of additions', () => {
    const { run, expected } = prepare({
      batch: 8,
      input: [1, 4],
      channels: 4096,
      filters: 16,
      kernel: [1, 1],
    }).rounded();
    const { output } = runConvolution(build, run);
    const chain = output.map((_, i) => {
      let sum = run.bias[i % 16]!;
      const first = Math.floor(i / 16) * 4096;
      for (let k = 0; k < 4096; k++) {
        sum = Math.fround(sum + Math.fround(run.input[first + k]! * run.kernel[k * 16 + (i % 16)]!));
      }
      return sum;
    });
    const error = (values: Float32Array): number =>
      Math.hypot(...values.map((value, i) => value - expected.output[i]!));
    expect(error(output)).toBeLessThan(error(chain) / 3);
  });
});
