/** Clipping, accumulation, averages and penalties on every build, against float64. */
import { describe, expect, it } from 'vitest';
import type { Argument, Call } from '../../src/engine/program.ts';
import { integers, uniform } from '../reference/data.ts';
import { average, regularized } from '../reference/optimizers.ts';
import { Rounded } from '../reference/rounded.ts';
import { expectEqual, expectWithin, growth } from '../reference/tolerance.ts';
import { Bench, BUILDS, runShared, type Build } from './harness.ts';

/** In blocks of 16: below, at and above the number of shards. */
const BLOCKS = [1, 2, 3, 7, 8, 9, 61];
const SHARDS = [1, 3, 8];
const GAP = 5;

function values(name: string, blocks: number, low = -1, high = 1): Float32Array {
  return uniform(name, blocks * 16, low, high).fill(0, blocks * 16 - GAP);
}

function compare(actual: Float32Array, expected: readonly Rounded[]): void {
  expectWithin(
    'values',
    actual,
    expected.map(({ value }) => value),
    expected.map(({ radius }) => radius),
  );
}

const exact = (array: Float32Array): Rounded[] => Array.from(array, (value) => Rounded.exact(value));

const call = (kernel: string, items: number, ...args: number[]): Call<Argument> => ({
  label: kernel,
  kernel,
  arguments: args,
  items,
});

/** Where each shard of a range of blocks lies: [begin, end) in values. */
function shardsOf(blocks: number, shards: number): (readonly [number, number])[] {
  const start = (shard: number): number => Math.floor((blocks * shard) / shards) * 16;
  return Array.from({ length: shards }, (_, shard) => [start(shard), start(shard + 1)]);
}

/** What roundings can do to a sum in float64 of that many terms, relative to the sum of their sizes. */
const doubleGrowth = (terms: number): number => (terms + 4) * 2 ** -52;

describe.each(BUILDS)('sumSquares, %s', (build) => {
  const run = (array: Float32Array, shards: number): Float64Array => {
    const bench = new Bench(1);
    const partials = bench.output(shards * 8);
    const program = [call('sumSquares', shards, bench.input(array), array.length / 16, shards, partials)];
    bench.start(build);
    runShared(bench, program, () => [bench.floats(partials, shards * 2).slice()]);
    return bench.doubles(partials, shards).slice();
  };
  const cases = BLOCKS.flatMap((blocks) => SHARDS.map((shards) => ({ blocks, shards })));

  it.each(cases)('adds up the squares of $blocks blocks in $shards shards', ({ blocks, shards }) => {
    const whole = integers('values', blocks * 16);
    const sums = (array: Float32Array): number[] =>
      shardsOf(blocks, shards).map(([begin, end]) =>
        array.subarray(begin, end).reduce((sum, value) => sum + value ** 2, 0),
      );
    expectEqual('sums of integers', run(whole, shards), sums(whole));
    const array = uniform('values', blocks * 16);
    const expected = sums(array);
    expectWithin(
      'sums',
      run(array, shards),
      expected,
      expected.map((sum) => doubleGrowth(array.length) * sum),
    );
  });

  it('holds squares that float32 does not', () => {
    const [large, small] = [1e30, 1e-30].map(Math.fround) as [number, number];
    expect(run(new Float32Array(16).fill(large), 1)[0]).toBeCloseTo(16 * large ** 2, -48);
    expect(run(new Float32Array(16).fill(small), 1)[0]! / (16 * small ** 2)).toBeCloseTo(1, 14);
  });
});

describe.each(BUILDS)('clipping by norm, %s', (build) => {
  /** Clips the norm of several ranges together. */
  const run = (ranges: readonly Float32Array[], clip: number): readonly Float32Array[] => {
    const bench = new Bench(1);
    const shards = 3;
    const addresses = ranges.map((range) => bench.state(range));
    const partials = bench.output(ranges.length * shards * 8);
    const factor = bench.output(4);
    const program = [
      ...ranges.map(({ length }, i) =>
        call('sumSquares', shards, addresses[i]!, length / 16, shards, partials + i * shards * 8),
      ),
      call('clipScale', 1, partials, ranges.length * shards, clip, factor),
      ...ranges.map(({ length }, i) => call('scaleBlocks', length / 16, addresses[i]!, factor)),
    ];
    bench.start(build);
    return runShared(bench, program, () =>
      addresses.map((address, i) => bench.floats(address, ranges[i]!.length).slice()),
    );
  };

  it.each([[[1]], [[9]], [[1, 7, 61]]])('shortens what is too long: ranges of %j blocks', (blocks) => {
    const ranges = blocks.map((count, i) => values(`range ${i}`, count));
    const norm = Math.sqrt(ranges.flatMap((range) => [...range]).reduce((sum, value) => sum + value ** 2, 0));
    const clip = 0.7;
    expect(norm).toBeGreaterThan(clip);
    run(ranges, clip).forEach((actual, i) => {
      const expected = Float64Array.from(ranges[i]!, (value) => (value * clip) / norm);
      // The factor and the product are rounded.
      expectWithin(
        'values',
        actual,
        expected,
        expected.map((value) => growth(2.001) * Math.abs(value)),
      );
    });
  });

  it('leaves what is short enough as it is', () => {
    const ranges = [values('range', 7), values('other', 2)];
    expect(run(ranges, 100)).toEqual(ranges);
    // √(16 · 4) is 8, and that is not more than 8.
    const constant = new Float32Array(16).fill(2);
    expect(run([constant], 8)).toEqual([constant]);
    const zeros = new Float32Array(16);
    expect(run([zeros], 1e-30)).toEqual([zeros]);
  });

  it('shows what is not a number', () => {
    const broken = values('range', 2);
    broken[3] = NaN;
    for (const range of run([broken, values('other', 1)], 1)) expect(range.every(Number.isNaN)).toBe(true);
  });
});

describe.each(BUILDS)('one pass over blocks, %s', (build) => {
  const run = (
    states: readonly Float32Array[],
    program: (addresses: readonly number[], blocks: number) => readonly Call<Argument>[],
  ): readonly Float32Array[] => {
    const bench = new Bench(1);
    const addresses = states.map((state) => bench.state(state));
    bench.start(build);
    return runShared(bench, program(addresses, states[0]!.length / 16), () =>
      addresses.map((address, i) => bench.floats(address, states[i]!.length).slice()),
    );
  };

  it.each(BLOCKS)('clipValues clips %i blocks', (blocks) => {
    const array = values('values', blocks);
    array[3] = NaN;
    array[2] = -Infinity;
    const [actual] = run([array], ([address], items) => [call('clipValues', items, address!, 0.25)]);
    expect(actual).toEqual(array.map((value) => Math.min(Math.max(value, -0.25), 0.25)));
  });

  it.each(BLOCKS)('addBlocks and averageGradients average three batches of %i blocks', (blocks) => {
    const batches = [0, 1, 2].map((i) => values(`batch ${i}`, blocks));
    const accumulated = new Float32Array(blocks * 16);
    const [, , gradients, sum] = run([...batches, accumulated], ([first, second, last, target], items) => [
      call('addBlocks', items, target!, first!),
      call('addBlocks', items, target!, second!),
      call('averageGradients', items, last!, target!, 3),
    ]);
    const [a, b, c] = batches.map(exact);
    compare(
      gradients!,
      c!.map((value, i) => value.plus(a![i]!.plus(b![i]!)).over(Rounded.exact(3))),
    );
    expect(sum).toEqual(accumulated);
    expect(gradients!.slice(-GAP)).toEqual(new Float32Array(GAP));
  });

  it.each(BLOCKS)('averageBlocks moves the average of %i blocks, from a copy on', (blocks) => {
    const states = [values('average', blocks), values('parameters', blocks)];
    const pass = (...momentums: number[]): Float32Array =>
      run(states, ([mean, parameters], items) =>
        momentums.map((momentum) => call('averageBlocks', items, mean!, parameters!, momentum)),
      )[0]!;
    const [start, parameters] = states.map(exact);
    compare(
      pass(0.999, 0.8),
      start!.map((value, i) => average(average(value, parameters![i]!, 0.999), parameters![i]!, 0.8)),
    );
    expect(pass(0)).toEqual(states[1]);
    expect(pass(0.999, 0.8).slice(-GAP)).toEqual(new Float32Array(GAP));
  });

  it.each([
    [0.01, 0],
    [0, 0.02],
    [0.3, 0.004],
  ])('regularize adds the slope of the penalties %d and %d', (l1, l2) => {
    for (const blocks of BLOCKS) {
      const parameters = values('parameters', blocks);
      parameters[0] = 0;
      parameters[1] = -0;
      const gradients = values('gradients', blocks);
      const actual = run([parameters, gradients], ([p, g], items) => [
        call('regularize', items, p!, g!, l1, l2),
      ]);
      const slopes = exact(gradients);
      compare(
        actual[1]!,
        exact(parameters).map((value, i) => regularized(value, slopes[i]!, l1, l2)),
      );
      expect(actual[0]).toEqual(parameters);
      expect(actual[1]!.slice(0, 2)).toEqual(gradients.slice(0, 2));
      expect(actual[1]!.slice(-GAP)).toEqual(new Float32Array(GAP));
    }
  });
});

function loss(build: Build, array: Float32Array, shards: number, l1: number, l2: number) {
  const bench = new Bench(1);
  const blocks = array.length / 16;
  const partials = bench.output(shards * 8);
  const total = bench.state(new Float32Array(new Float64Array([100]).buffer));
  const program = [
    call('regularizationLoss', shards, bench.input(array), blocks, shards, l1, l2, partials),
    call('addPartials', 1, partials, shards, 2, total),
  ];
  bench.start(build);
  runShared(bench, program, () => [
    bench.floats(partials, shards * 2).slice(),
    bench.floats(total, 2).slice(),
  ]);
  return { partials: bench.doubles(partials, shards).slice(), total: bench.doubles(total, 1)[0]! };
}

describe.each(BUILDS)('regularizationLoss, %s', (build) => {
  const cases = BLOCKS.flatMap((blocks) => SHARDS.map((shards) => ({ blocks, shards })));

  it.each(cases)('adds up the penalties of $blocks blocks in $shards shards', ({ blocks, shards }) => {
    const array = values('values', blocks);
    const l1 = 0.01;
    const l2 = 0.3;
    const expected = shardsOf(blocks, shards).map(([begin, end]) =>
      array.subarray(begin, end).reduce((sum, value) => sum + l1 * Math.abs(value) + l2 * value ** 2, 0),
    );
    const actual = loss(build, array, shards, l1, l2);
    expectWithin(
      'partials',
      actual.partials,
      expected,
      expected.map((sum) => doubleGrowth(2 * array.length) * sum),
    );
    const total = 100 + 2 * expected.reduce((sum, value) => sum + value, 0);
    expectWithin('total', [actual.total], [total], [doubleGrowth(2 * array.length + shards) * total]);
  });
});
