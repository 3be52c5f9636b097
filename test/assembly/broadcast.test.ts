/** Arithmetic with broadcasting and its gradients, on every build. */
import { describe, expect, it } from 'vitest';
import type { Instruction } from '../../src/engine/program.ts';
import { broadcast, reduceTo, type Shape4 } from '../reference/broadcast.ts';
import { uniform } from '../reference/data.ts';
import { expectWithin, magnitudes, sumTolerances } from '../reference/tolerance.ts';
import { Bench, BUILDS, runShared, type Build, type PlacedView } from './harness.ts';

const BATCH = 2;
const MARGINS = { top: 1, left: 2, bottom: 1, right: 1 };
const length = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);
const call = (kernel: string, args: readonly number[], items: number): Instruction => ({
  label: kernel,
  kernel,
  arguments: args,
  items,
});
const place = ({ address, image, row }: PlacedView): number[] => [address, image, row];

/** An operand's address and its steps, which are 0 where it has but one. */
function operand(view: PlacedView): number[] {
  const { address, image, row, pixel, height, width, channels } = view;
  return [address, image, height > 1 ? row : 0, width > 1 ? pixel : 0, channels > 1 ? 4 : 0];
}

/** Every way to have 1 in some of the three axes. */
const variants = ([batch, ...rest]: Shape4): Shape4[] =>
  Array.from({ length: 8 }, (_, bits): Shape4 => {
    const [height, width, channels] = rest.map((extent, axis) => ((bits >> axis) & 1 ? 1 : extent));
    return [batch, height!, width!, channels!];
  });

const SHAPES: readonly Shape4[] = [
  ...[1, 3, 4, 5, 8, 9, 17].map((channels): Shape4 => [BATCH, 2, 3, channels]),
  ...[1, 4, 5, 7, 9].map((width): Shape4 => [BATCH, 3, width, 6]),
];

/** One operation on operands of given shapes. */
function combine(build: Build, operation: number, shape: Shape4, aShape: Shape4, bShape: Shape4): void {
  const [batch, height, width, channels] = shape;
  const a = uniform('a', length(aShape));
  const b = uniform('b', length(bShape));
  const bench = new Bench(batch);
  const left = bench.inputView(batch, aShape.slice(1), MARGINS, a);
  const right = bench.inputView(batch, bShape.slice(1), MARGINS, b);
  const output = bench.outputView(batch, batch, [height, width, channels], MARGINS);
  bench.start(build);
  const args = [operation, ...operand(left), ...operand(right), ...place(output), height, width, channels];
  const program = [call('broadcastViews', args, batch * height)];
  const [actual] = runShared(bench, program, () => [bench.read(output, batch)]);
  const wideB = broadcast(shape, bShape, b);
  const expected = broadcast(shape, aShape, a).map((value, i) =>
    operation === 0 ? value + wideB[i]! : operation === 1 ? value - wideB[i]! : value * wideB[i]!,
  );
  expect(actual).toEqual(Float32Array.from(expected));
}

/** Σ dOutput, times −1 or times a, over the axes where the result has 1. */
function reduce(build: Build, shape: Shape4, aShape: Shape4 | undefined, resultShape: Shape4): void {
  const [batch, height, width, channels] = shape;
  const dOutput = uniform('dOutput', length(shape));
  const a = uniform('a', length(aShape ?? [1]));
  const bench = new Bench(batch);
  const gradient = bench.inputView(batch, shape.slice(1), MARGINS, dOutput);
  const factors = aShape && bench.inputView(batch, aShape.slice(1), MARGINS, a);
  const result = bench.outputView(batch, batch, resultShape.slice(1), MARGINS);
  const negative = bench.outputView(batch, batch, resultShape.slice(1), MARGINS);
  bench.start(build);
  const tail = [height, width, channels];
  const sum = (to: PlacedView, factor: number): Instruction =>
    call('reduceBroadcast', [...place(gradient), ...operand(to), factor, ...tail], batch);
  const times = (to: PlacedView, view: PlacedView): Instruction =>
    call('multiplyBackwardBroadcast', [...place(gradient), ...operand(view), ...operand(to), ...tail], batch);
  const program = factors
    ? [times(result, factors), times(negative, factors)]
    : [sum(result, 1), sum(negative, -1)];
  const [actual, opposite] = runShared(bench, program, () => [
    bench.read(result, batch),
    bench.read(negative, batch),
  ]);
  const wideA = aShape ? broadcast(shape, aShape, a) : new Float64Array(dOutput.length).fill(1);
  const terms = wideA.map((value, i) => value * dOutput[i]!);
  const expected = reduceTo(shape, resultShape, terms);
  // As many additions as terms, and a product each.
  const roundings = length(shape) / length(resultShape) + 1;
  const tolerance = sumTolerances(roundings, reduceTo(shape, resultShape, magnitudes(terms)));
  expectWithin('result', actual!, expected, tolerance);
  if (!factors)
    expectWithin(
      'negative',
      opposite!,
      expected.map((value) => -value),
      tolerance,
    );
}

describe.each(BUILDS)('broadcasting, %s', (build) => {
  it.each(SHAPES)('combines into %i × %i×%i×%i', (...shape) => {
    for (const other of variants(shape)) {
      for (const operation of [0, 1, 2]) {
        combine(build, operation, shape, shape, other);
        combine(build, operation, shape, other, shape);
      }
    }
  });

  it('combines operands of which neither has the shape of the result', () => {
    const shape: Shape4 = [BATCH, 3, 4, 5];
    for (const a of variants(shape)) for (const b of variants(shape)) combine(build, 2, shape, a, b);
  });

  it.each(SHAPES)('reduces %i × %i×%i×%i', (...shape) => {
    for (const result of variants(shape)) {
      reduce(build, shape, undefined, result);
      reduce(build, shape, shape, result);
    }
  });

  it('reduces products with an operand that is itself used again', () => {
    const shape: Shape4 = [BATCH, 3, 5, 6];
    for (const a of variants(shape)) for (const result of variants(shape)) reduce(build, shape, a, result);
  });
});
