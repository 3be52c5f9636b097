/**
 * The gradients of a pointwise convolution's filter and bias on every build, called by itself, around the edges of tiles (4
 * channels of the input × 8, in wide builds 16), of few panels (4), chunks, rows and shards.
 */
import { describe, expect, it } from 'vitest';
import type { Program } from '../../src/engine/program.ts';
import { NO_MARGINS, type Margins } from '../../src/nn/shape.ts';
import { backwardBias, conv2dBackwardFilter, type Conv2d } from '../reference/conv2d.ts';
import { integers, uniform } from '../reference/data.ts';
import { expectEqual, expectWithin, magnitudes, sumTolerances } from '../reference/tolerance.ts';
import { windows } from '../reference/windows.ts';
import { Bench, BUILDS, memoize, runShared, type Build, type PlacedView } from './harness.ts';

type Instruction = Program[number];

interface Case {
  readonly batch: number;
  /** How many of the batch there are; all by default. */
  readonly count?: number;
  readonly input: readonly [height: number, width: number];
  readonly depth: number;
  readonly channels: number;
  readonly strides?: readonly [number, number];
  readonly margins?: Margins;
  readonly chunk?: number;
  readonly shards?: number;
}

const MARGINS = { top: 1, left: 2, bottom: 0, right: 1 };
const DEPTHS = [1, 2, 3, 4, 5, 7, 8, 9];

const cases: readonly Case[] = [
  ...[NO_MARGINS, MARGINS].flatMap((margins) => [
    ...DEPTHS.map((depth): Case => ({ batch: 2, input: [3, 5], depth, channels: 9, margins })),
    ...[1, 2, 3, 4, 5, 6, 7, 8, 15, 16, 17, 24, 31, 32, 33, 41, 48].map((channels): Case => ({
      batch: 1,
      input: [3, 4],
      depth: 6,
      channels,
      margins,
    })),
    ...[1, 2, 3, 4, 5, 7, 13, 64].map((chunk): Case => ({
      batch: 3,
      input: [3, 7],
      depth: 5,
      channels: 12,
      margins,
      chunk,
    })),
    ...(
      [
        [2, 2],
        [3, 1],
        [1, 2],
      ] as const
    ).map((strides): Case => ({
      batch: 2,
      input: [5, 8],
      depth: 8,
      channels: 10,
      strides,
      margins,
    })),
  ]),
  ...[1, 2, 3, 5, 16].map((shards): Case => ({ batch: 5, input: [4, 3], depth: 4, channels: 8, shards })),
  // A shard without an image.
  { batch: 2, input: [3, 3], depth: 4, channels: 8, shards: 3 },
  { batch: 5, count: 3, input: [3, 5], depth: 4, channels: 12, margins: MARGINS },
  { batch: 1, input: [1, 1], depth: 1, channels: 1 },
  { batch: 2, input: [19, 23], depth: 16, channels: 24 },
];

function name(c: Case): string {
  const images = c.count === undefined ? `${c.batch}` : `${c.count} of ${c.batch}`;
  const size = `${images} × ${c.input.join('×')}×${c.depth} → ${c.channels}`;
  const how = [
    c.strides && `strides ${c.strides.join('×')}`,
    c.margins === MARGINS && 'margins',
    c.chunk && `chunks of ${c.chunk}`,
    c.shards && `${c.shards} shards`,
  ];
  return [size, ...how].filter(Boolean).join(', ');
}

interface Data {
  readonly input: Float32Array;
  readonly dOutput: Float32Array;
}

function geometry(c: Case): Conv2d {
  const at = windows(c.count ?? c.batch, c.input, [1, 1], c.strides ?? [1, 1], 'valid');
  return { ...at, channels: c.depth, filters: c.channels };
}

function data(c: Case, generate: (name: string, length: number) => Float32Array): Data {
  const { height, width } = geometry(c);
  return {
    input: generate('input', c.batch * c.input[0] * c.input[1] * c.depth),
    dOutput: generate('dOutput', c.batch * height * width * c.channels),
  };
}

interface Gradients<T> {
  readonly dFilter: T;
  readonly dBias: T;
}

/** @param last  which view ends where memory does */
function run(build: Build, c: Case, values: Data, last?: keyof Data): Gradients<Float32Array> {
  const { batch, depth, channels, margins = NO_MARGINS, strides = [1, 1], chunk = 16, shards = 2 } = c;
  const { height, width, batch: count } = geometry(c);
  const bench = new Bench(batch);
  const columns = Math.ceil(channels / 8) * 8;
  const rows = Math.ceil(depth / 4) * 4;
  const shardBytes = (rows + 1) * columns * 4;
  const place = (key: keyof Data, shape: readonly number[]): PlacedView =>
    last === key
      ? bench.lastView(batch, shape, margins, values[key])
      : bench.inputView(batch, shape, margins, values[key]);
  const input = place('input', [...c.input, depth]);
  const dOutput = place('dOutput', [height, width, channels]);
  const partials = bench.output(shards * shardBytes);
  const dFilter = bench.output(depth * channels * 4);
  const dBias = bench.output(channels * 4);
  const sum = (from: number, to: number, items: number): Instruction => ({
    label: 'sum',
    kernel: 'sumShards',
    arguments: [from, shards, shardBytes, channels, to, channels * 4],
    items,
  });
  const gradient: Instruction = {
    label: 'dFilter',
    kernel: 'pointwiseBackwardFilter',
    arguments: [
      ...[input.address, input.image, input.row * strides[0], input.pixel * strides[1]],
      ...[dOutput.address, dOutput.image, dOutput.row],
      ...[count, height, width, depth, channels, chunk, shards, partials],
      bench.output(64 + chunk * (24 + 4 * columns)),
    ],
    items: shards,
  };
  bench.start(build);
  const program = [gradient, sum(partials, dFilter, depth), sum(partials + rows * columns * 4, dBias, 1)];
  const [filter, bias] = runShared(bench, program, () => [
    bench.floats(dFilter, depth * channels).slice(),
    bench.floats(dBias, channels).slice(),
  ]);
  return { dFilter: filter!, dBias: bias! };
}

/** The truth, or of absolute values the sums of the terms' magnitudes. */
function truth(c: Case, values: Data, take: (values: Float32Array) => Float64Array): Gradients<Float64Array> {
  const conv = geometry(c);
  const dOutput = take(values.dOutput.subarray(0, conv.batch * conv.height * conv.width * c.channels));
  return {
    dFilter: conv2dBackwardFilter(conv, take(values.input), dOutput),
    dBias: backwardBias(c.channels, dOutput),
  };
}

const prepared = cases.map((c) => ({
  c,
  name: name(c),
  exact: memoize(() => {
    const given = data(c, integers);
    return { given, expected: truth(c, given, (values) => Float64Array.from(values)) };
  }),
  rounded: memoize(() => {
    const given = data(c, uniform);
    const expected = truth(c, given, (values) => Float64Array.from(values));
    return { given, expected, magnitude: truth(c, given, magnitudes) };
  }),
}));

const RESULTS = ['dFilter', 'dBias'] as const;

describe.each(BUILDS)('gradient of a pointwise filter, %s', (build) => {
  it.each(prepared)('$name', ({ c, exact, rounded }) => {
    const ofIntegers = run(build, c, exact().given);
    const { given, expected, magnitude } = rounded();
    const ofReals = run(build, c, given);
    const { batch, height, width } = geometry(c);
    const roundings = batch * height * width + (c.shards ?? 2);
    for (const key of RESULTS) {
      expectEqual(`${key} of integers`, ofIntegers[key], exact().expected[key]);
      expectWithin(key, ofReals[key], expected[key], sumTolerances(roundings, magnitude[key]));
    }
  });

  it('has the same bits with margins and without', () => {
    for (const channels of [9, 45]) {
      const c: Case = { batch: 3, input: [5, 7], depth: 13, channels };
      const given = data(c, uniform);
      expect(run(build, { ...c, margins: MARGINS }, given)).toEqual(run(build, c, given));
    }
  });

  it('reads nothing behind its input and dOutput', () => {
    for (const depth of [1, 2, 3, 4, 5, 6, 7]) {
      for (const channels of [1, 2, 3, 4, 5, 6, 7, 9, 42]) {
        const c: Case = { batch: 1, input: [3, 3], depth, channels };
        const given = data(c, uniform);
        const expected = run(build, c, given);
        for (const last of ['input', 'dOutput'] as const) {
          expect(run(build, c, given, last)).toEqual(expected);
        }
      }
    }
  });
});
