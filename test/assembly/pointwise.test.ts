/**
 * Pointwise convolution on every build, called by itself: forward and the gradient of the input, around the edges of tiles (4
 * pixels × 8 channels, in wide builds 16), rows, images, groups of panels and sums (1,024 terms).
 */
import { describe, expect, it } from 'vitest';
import type { Program } from '../../src/engine/program.ts';
import { NO_MARGINS, type Margins } from '../../src/nn/shape.ts';
import { conv2dBackwardInput, conv2dForward, type Conv2d } from '../reference/conv2d.ts';
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
  readonly limits?: readonly [floor: number, ceiling: number];
  /** All by default. */
  readonly panelsPerGroup?: number;
}

const MARGINS = { top: 1, left: 2, bottom: 0, right: 1 };
const panelsOf = (channels: number): number => Math.ceil(channels / 8);
const NONE = [-Infinity, Infinity] as const;
const RELU6 = [0, 6] as const;
const STRIDES: readonly (readonly [number, number])[] = [
  [2, 2],
  [3, 1],
  [1, 2],
];
const SIZES = [1, 3, 4, 5, 7, 8, 9, 13];

const cases: readonly Case[] = [
  ...SIZES.map((width): Case => ({ batch: 2, input: [3, width], depth: 3, channels: 9, margins: MARGINS })),
  ...SIZES.map((width): Case => ({ batch: 3, input: [1, width], depth: 5, channels: 8 })),
  ...SIZES.map((depth): Case => ({ batch: 1, input: [2, 3], depth, channels: 17, margins: MARGINS })),
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 33].map((channels): Case => ({
    batch: 2,
    input: [3, 3],
    depth: 6,
    channels,
    limits: RELU6,
  })),
  ...STRIDES.flatMap((strides) =>
    [NO_MARGINS, MARGINS].map((margins): Case => {
      return { batch: 2, input: [5, 8], depth: 7, channels: 10, strides, margins };
    }),
  ),
  ...[1, 2, 3, 4, 5, 9].map((panelsPerGroup): Case => ({
    batch: 3,
    input: [5, 3],
    depth: 4,
    channels: 37,
    panelsPerGroup,
    margins: MARGINS,
  })),
  ...[1023, 1024, 1025, 2049].map((depth): Case => {
    return { batch: 1, input: [1, 6], depth, channels: 21, limits: [-0.5, 0.75] };
  }),
  { batch: 5, count: 3, input: [3, 5], depth: 4, channels: 12, margins: MARGINS },
  { batch: 1, input: [1, 1], depth: 1, channels: 1 },
  { batch: 1, input: [23, 31], depth: 16, channels: 24, limits: [0, Infinity] },
];

function name(c: Case): string {
  const images = c.count === undefined ? `${c.batch}` : `${c.count} of ${c.batch}`;
  const size = `${images} × ${c.input.join('×')}×${c.depth} → ${c.channels}`;
  const how = [
    c.strides && `strides ${c.strides.join('×')}`,
    c.margins === MARGINS && 'margins',
    c.limits && `within [${c.limits.join(', ')}]`,
    c.panelsPerGroup && `groups of ${c.panelsPerGroup}`,
  ];
  return [size, ...how].filter(Boolean).join(', ');
}

/** A call that takes every step-th row and pixel of its views. */
function pointwise(
  c: Record<'filter' | 'scratch' | 'count' | 'height' | 'width', number> &
    Record<'input' | 'output', PlacedView>,
  steps: { input: readonly [number, number]; output: readonly [number, number] },
  depth: number,
  limits: readonly [number, number] = NONE,
  panelsPerGroup = panelsOf(c.output.channels),
): Instruction {
  const strided = ({ image, row, pixel }: PlacedView, [y, x]: readonly [number, number]): number[] => [
    image,
    row * y,
    pixel * x,
  ];
  const { input, output } = c;
  const groups = Math.ceil(panelsOf(output.channels) / panelsPerGroup);
  return {
    label: 'pointwise',
    kernel: 'pointwiseCorrelate',
    arguments: [
      input.address,
      ...strided(input, steps.input),
      c.filter,
      output.address,
      ...strided(output, steps.output),
      ...[c.count, c.height, c.width, depth, output.channels],
      ...limits,
      panelsPerGroup,
      c.scratch,
    ],
    items: Math.ceil((c.count * c.height * c.width) / 4) * groups,
  };
}

interface Data {
  readonly input: Float32Array;
  readonly filter: Float32Array;
  readonly bias: Float32Array;
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
    filter: generate('filter', c.depth * c.channels),
    bias: generate('bias', c.channels),
    dOutput: generate('dOutput', c.batch * height * width * c.channels),
  };
}

const place = (
  bench: Bench,
  c: Case,
  shape: readonly number[],
  values: Float32Array,
  last: boolean,
): PlacedView =>
  last
    ? bench.lastView(c.batch, shape, c.margins ?? NO_MARGINS, values)
    : bench.inputView(c.batch, shape, c.margins ?? NO_MARGINS, values);

function forward(build: Build, c: Case, { input: values, filter, bias }: Data, last = false): Float32Array {
  const { height, width, batch: count } = geometry(c);
  const bench = new Bench(c.batch);
  const input = place(bench, c, [...c.input, c.depth], values, last);
  const output = bench.outputView(c.batch, count, [height, width, c.channels], MARGINS);
  const panels = bench.output(panelsOf(c.channels) * (c.depth + 1) * 32);
  const pack: Instruction = {
    label: 'pack',
    kernel: 'packFilter',
    arguments: [bench.input(filter), c.channels * 4, bench.input(bias), c.depth, c.channels, panels],
    items: panelsOf(c.channels),
  };
  const call = pointwise(
    { input, output, filter: panels, scratch: bench.output(128), count, height, width },
    { input: c.strides ?? [1, 1], output: [1, 1] },
    c.depth,
    c.limits,
    c.panelsPerGroup,
  );
  bench.start(build);
  return runShared(bench, [pack, call], () => [bench.read(output, count)])[0]!;
}

/** With strides, the pixels that no tap has read are set to zero by calls without depth. */
function backwardInput(build: Build, c: Case, { filter, dOutput: values }: Data, last = false): Float32Array {
  const { height: rows, width: columns, batch: count } = geometry(c);
  const strides = c.strides ?? [1, 1];
  const bench = new Bench(c.batch);
  const dOutput = place(bench, c, [rows, columns, c.channels], values, last);
  const dInput = bench.outputView(c.batch, count, [...c.input, c.depth], MARGINS);
  const panels = bench.output(panelsOf(c.depth) * (c.channels + 1) * 32);
  const scratch = bench.output(128);
  const zeros = bench.input(new Float32Array(panelsOf(c.depth) * 8));
  const program: Instruction[] = [
    {
      label: 'pack',
      kernel: 'packFilterTransposed',
      arguments: [bench.input(filter), c.channels * 4, 1, c.depth, c.channels, 0, 0, 1, 1, 1, 1, panels],
      items: panelsOf(c.depth),
    },
  ];
  for (let y = 0; y < strides[0]; y++) {
    for (let x = 0; x < strides[1]; x++) {
      const read = y === 0 && x === 0;
      const address = dInput.address + y * dInput.row + x * dInput.pixel;
      const height = Math.ceil((c.input[0] - y) / strides[0]);
      const width = Math.ceil((c.input[1] - x) / strides[1]);
      const views = {
        input: dOutput,
        output: { ...dInput, address },
        filter: read ? panels : zeros,
        scratch,
      };
      program.push(
        pointwise(
          { ...views, count, height, width },
          { input: [1, 1], output: strides },
          read ? c.channels : 0,
          NONE,
          c.panelsPerGroup,
        ),
      );
    }
  }
  bench.start(build);
  return runShared(bench, program, () => [bench.read(dInput, count)])[0]!;
}

type Take = (values: Float32Array) => Float64Array;

function truth(c: Case, { input, filter, bias, dOutput }: Data, take: Take) {
  const conv = geometry(c);
  const kernel = take(filter);
  return {
    output: conv2dForward(conv, take(input), kernel, take(bias)),
    dInput: conv2dBackwardInput(conv, kernel, take(dOutput)),
  };
}

const exactly: Take = (values) => Float64Array.from(values);
const clamped = (values: Float64Array, [floor, ceiling]: readonly [number, number] = NONE): Float64Array =>
  values.map((value) => Math.min(ceiling, Math.max(floor, value)));

/** Sums of no more than 1,024 terms, and then the sum of those. */
const roundings = (terms: number): number => Math.min(terms, 1024) + Math.ceil(terms / 1024);

const prepared = cases.map((c) => ({
  c,
  name: name(c),
  exact: memoize(() => {
    const given = data(c, integers);
    return { given, expected: truth(c, given, exactly) };
  }),
  rounded: memoize(() => {
    const given = data(c, uniform);
    return { given, expected: truth(c, given, exactly), magnitude: truth(c, given, magnitudes) };
  }),
}));

describe.each(BUILDS)('pointwise convolution, %s', (build) => {
  it.each(prepared)('$name', ({ c, exact, rounded }) => {
    const { given, expected } = exact();
    expectEqual('output of integers', forward(build, c, given), clamped(expected.output, c.limits));
    expectEqual('dInput of integers', backwardInput(build, c, given), expected.dInput);

    const real = rounded();
    const of = (key: 'output' | 'dInput', terms: number) =>
      sumTolerances(roundings(terms), real.magnitude[key]);
    const output = clamped(real.expected.output, c.limits);
    expectWithin('output', forward(build, c, real.given), output, of('output', c.depth));
    const dInput = backwardInput(build, c, real.given);
    expectWithin('dInput', dInput, real.expected.dInput, of('dInput', c.channels));
  });

  it('has the same bits whatever the groups of panels', () => {
    const c: Case = { batch: 2, input: [5, 7], depth: 1100, channels: 45 };
    const given = data(c, uniform);
    const expected = forward(build, c, given);
    for (const panelsPerGroup of [1, 2, 3, 5, 8]) {
      expect(forward(build, { ...c, panelsPerGroup }, given)).toEqual(expected);
    }
  });

  it('reads nothing behind its input and dOutput', () => {
    for (const width of [1, 2, 3, 4, 5, 7]) {
      const c: Case = { batch: 1, input: [3, width], depth: 3, channels: 9 };
      const given = data(c, uniform);
      expect(forward(build, c, given, true)).toEqual(forward(build, c, given));
      expect(backwardInput(build, c, given, true)).toEqual(backwardInput(build, c, given));
    }
  });

  it('sums up 1,024 terms at a time from zero', () => {
    // One after the other each of the ones would be lost beside 2^24.
    const c: Case = { batch: 1, input: [1, 5], depth: 2048, channels: 25 };
    const given = data(c, (_, length) => new Float32Array(length));
    given.input.fill(1);
    given.filter.fill(2 ** 24, 0, c.channels).fill(1, 1024 * c.channels);
    expect(forward(build, c, given)).toEqual(new Float32Array(5 * c.channels).fill(2 ** 24 + 1024));
  });

  it('lets NaN through its limits', () => {
    const c: Case = { batch: 1, input: [1, 5], depth: 1, channels: 9, limits: RELU6 };
    const given = data(c, integers);
    given.input.set([-1, 0, 7, NaN, 2]);
    given.filter.fill(1);
    given.bias.fill(0);
    const expected = [0, 0, 6, NaN, 2].flatMap((value) => new Array<number>(9).fill(value));
    expect([...forward(build, c, given)]).toEqual(expected);
  });
});
