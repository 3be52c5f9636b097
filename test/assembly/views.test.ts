/** Sums, multiples and copies of views, in place where that is allowed, to the bit on every build. */
import { describe, expect, it } from 'vitest';
import type { Instruction } from '../../src/engine/program.ts';
import { uniform } from '../reference/data.ts';
import { Bench, BUILDS, runShared, type PlacedView } from './harness.ts';

const BATCH = 2;
const HEIGHT = 3;
const MARGINS = { top: 1, left: 2, bottom: 1, right: 1 };
/** Widths and channels: rows shorter and longer than a vector, and just as long as one or two. */
const SIZES = [
  ...[1, 2, 3, 4, 5, 7, 8, 9, 13].map((width) => [width, 1] as const),
  ...[2, 3, 4, 5, 7, 8, 9, 16, 31].map((channels) => [3, channels] as const),
];
const place = ({ address, image, row }: PlacedView): number[] => [address, image, row];
const call = (kernel: string, args: readonly number[]): Instruction => ({
  label: kernel,
  kernel,
  arguments: args,
  items: BATCH * HEIGHT,
});

/** A compact view of memory that starts with values and may be written. */
function stateView(
  bench: Bench,
  values: Float32Array,
  length: number,
): { at: number[]; read: () => Float32Array } {
  const address = bench.state(values);
  const read = (): Float32Array => bench.floats(address, values.length).slice();
  return { at: [address, HEIGHT * length * 4, length * 4], read };
}

describe.each(BUILDS)('views, %s', (build) => {
  it.each(SIZES)('adds and subtracts, in place or not: width %i, %i channels', (width, channels) => {
    const shape = [HEIGHT, width, channels];
    const length = width * channels;
    const [a, b] = ['a', 'b'].map((name) => uniform(name, BATCH * HEIGHT * length));
    const bench = new Bench(BATCH);
    const [left, right] = [a!, b!].map((values) => bench.inputView(BATCH, shape, MARGINS, values));
    const [sum, difference] = [0, 1].map(() => bench.outputView(BATCH, BATCH, shape, MARGINS));
    const states = [a!, b!, b!].map((values) => stateView(bench, values, length));
    const [ownA, ownB, target] = states;
    bench.start(build);
    const add = (x: number[], y: number[], to: number[], sign: number): Instruction =>
      call('addViews', [...x, ...y, ...to, HEIGHT, length, sign]);
    const program = [
      add(place(left!), place(right!), place(sum!), 1),
      add(place(left!), place(right!), place(difference!), -1),
      add(ownA!.at, place(right!), ownA!.at, -1),
      add(place(left!), ownB!.at, ownB!.at, -1),
      call('addInto', [...place(left!), ...target!.at, HEIGHT, length]),
    ];
    const results = runShared(bench, program, () => [
      bench.read(sum!, BATCH),
      bench.read(difference!, BATCH),
      ...states.map((state) => state.read()),
    ]);
    const sums = a!.map((value, i) => value + b![i]!);
    const differences = a!.map((value, i) => value - b![i]!);
    expect(results).toEqual([sums, differences, differences, differences, sums]);
  });

  it.each(SIZES)('multiplies by a number, in place or not: width %i, %i channels', (width, channels) => {
    const shape = [HEIGHT, width, channels];
    const length = width * channels;
    const values = uniform('values', BATCH * HEIGHT * length);
    const factors = [1, 0.3, -2];
    const bench = new Bench(BATCH);
    const from = bench.inputView(BATCH, shape, MARGINS, values);
    const outputs = factors.map(() => bench.outputView(BATCH, BATCH, shape, MARGINS));
    const own = factors.map(() => stateView(bench, values, length));
    bench.start(build);
    const program = factors.flatMap((factor, i) => [
      call('scaleView', [...place(from), ...place(outputs[i]!), HEIGHT, length, factor]),
      call('scaleView', [...own[i]!.at, ...own[i]!.at, HEIGHT, length, factor]),
    ]);
    const results = runShared(bench, program, () => [
      ...outputs.map((view) => bench.read(view, BATCH)),
      ...own.map((state) => state.read()),
    ]);
    const expected = factors.map((factor) => values.map((value) => value * Math.fround(factor)));
    expect(results).toEqual([...expected, ...expected]);
  });

  it.each(SIZES)('copies pixels that lie apart or not: width %i, %i channels', (width, channels) => {
    const [before, after] = [2, 3];
    const wide = before + channels + after;
    const pixels = BATCH * HEIGHT * width;
    const values = uniform('values', pixels * wide);
    const narrow = uniform('narrow', pixels * channels);
    const bench = new Bench(BATCH);
    const from = bench.inputView(BATCH, [HEIGHT, width, wide], MARGINS, values);
    const compact = bench.inputView(BATCH, [HEIGHT, width, channels], MARGINS, narrow);
    const parts = stateView(bench, values, width * wide);
    const [taken, copied] = [0, 1].map(() =>
      bench.outputView(BATCH, BATCH, [HEIGHT, width, channels], MARGINS),
    );
    bench.start(build);
    const tail = [HEIGHT, width, channels];
    const inside = ([address, ...strides]: number[]): number[] => [address! + before * 4, ...strides];
    const program = [
      call('copyView', [...inside(place(from)), wide * 4, ...place(taken!), channels * 4, ...tail]),
      call('copyView', [...place(compact), channels * 4, ...place(copied!), channels * 4, ...tail]),
      call('copyView', [...place(compact), channels * 4, ...inside(parts.at), wide * 4, ...tail]),
    ];
    const results = runShared(bench, program, () => [
      bench.read(taken!, BATCH),
      bench.read(copied!, BATCH),
      parts.read(),
    ]);
    const source = (i: number): number => Math.floor(i / channels) * wide + before + (i % channels);
    const within = (i: number): boolean => i % wide >= before && i % wide < before + channels;
    const into = (i: number): number => Math.floor(i / wide) * channels + (i % wide) - before;
    expect(results).toEqual([
      narrow.map((_, i) => values[source(i)]!),
      narrow,
      values.map((value, i) => (within(i) ? narrow[into(i)]! : value)),
    ]);
  });
});
