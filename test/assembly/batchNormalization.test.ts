/** Batch normalization's kernels on every build: sums of shards, what is made of them, and the passes that apply it. */
import { describe, expect, it } from 'vitest';
import type { Instruction } from '../../src/engine/program.ts';
import {
  channelOf,
  gradientSums,
  inputGradient,
  moments,
  perChannel,
  sum,
} from '../reference/batchNormalization.ts';
import { uniform } from '../reference/data.ts';
import { expectWithin, growth, magnitudes, sumTolerance } from '../reference/tolerance.ts';
import { Bench, BUILDS, runShared, type Build, type PlacedView } from './harness.ts';

const MARGINS = { top: 1, left: 2, bottom: 1, right: 1 };
const place = ({ address, image, row }: PlacedView): number[] => [address, image, row];
const call = (kernel: string, args: readonly number[], items: number): Instruction => ({
  label: kernel,
  kernel,
  arguments: args,
  items,
});

type Case = readonly [batch: number, height: number, width: number, channels: number, shards: number];

/** Shards of no row up to more than a run of eight side by side. */
const CASES: readonly Case[] = [
  ...[1, 2, 3, 4, 5, 7, 8, 9, 16, 31, 67].map((channels): Case => [2, 5, 3, channels, 3]),
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((width): Case => [3, 3, width, 6, 4]),
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 14, 15, 16, 17, 25].map((rows): Case => [rows, 1, 2, 9, 1]),
  // The coefficients of fewer than four channels repeat after twelve values.
  ...[1, 2, 3].flatMap((channels) => [8, 13].map((width): Case => [2, 2, width, channels, 1])),
  [2, 5, 3, 3, 16],
  [5, 7, 1, 20, 2],
  [1, 1, 1, 5, 1],
];

/** Values around a mean of each channel's own: 0, or a thousand times as far away as they are spread. */
function around(name: string, length: number, channels: number, mean: number): Float32Array {
  return uniform(name, length).map((value, i) => value + mean * (1 + (i % channels) / 8));
}

/** The rows of each shard, as pixels [begin, end). */
const shardPixels = (rows: number, width: number, shards: number): [number, number][] =>
  Array.from({ length: shards }, (_, shard) => {
    const first = Math.floor((shard * rows) / shards);
    return [first * width, Math.floor(((shard + 1) * rows) / shards) * width];
  });

function statistics(build: Build, [batch, height, width, channels, shards]: Case, mean: number): void {
  const input = around('input', batch * height * width * channels, channels, mean);
  const bench = new Bench(batch);
  const from = bench.inputView(batch, [height, width, channels], MARGINS, input);
  const stride = 2 * channels + 1;
  const partials = bench.output(8 * stride * shards);
  bench.start(build);
  const args = [...place(from), batch, height, width, channels, shards, partials];
  const program = [call('channelStatistics', args, shards)];
  const read = (): Float32Array[] => [bench.floats(partials, 2 * stride * shards).slice()];
  const results = runShared(bench, program, read);
  expectSameBits(`statistics ${[batch, height, width, channels, shards, mean].join()}`, results);
  const doubles = new Float64Array(results[0]!.buffer);
  shardPixels(batch * height, width, shards).forEach(([begin, end], shard) => {
    const actual = doubles.subarray(shard * stride, (shard + 1) * stride);
    expect(actual[2 * channels]).toBe(end - begin);
    if (begin === end) return;
    const values = input.subarray(begin * channels, end * channels);
    const expected = moments(values, channels);
    // Relative to the first pixel; sums of eight are made in float32: a subtraction and three additions.
    const distances = (c: number): number[] =>
      channelOf(values, channels, c).map((value) => Math.abs(value - values[c]!));
    const error = (c: number): number => sumTolerance(4, sum(distances(c))) / expected.count;
    const exact = (c: number): number => 1e-15 * Math.abs(expected.means[c]!);
    const meanTolerance = perChannel(channels, (c) => error(c) + exact(c));
    expectWithin('mean', actual.subarray(0, channels), expected.means, meanTolerance);
    // Squares of sums of up to eight that are wrong by four roundings, (Σ|v|)² ≤ 8 Σv², twice; and four more of squares.
    const squareTolerance = perChannel(channels, (c) => {
      const squares = sum(distances(c).map((distance) => distance ** 2));
      return (growth(4) * 2 * Math.sqrt(8) + growth(4)) * squares;
    });
    const squares = actual.subarray(channels, 2 * channels);
    expectWithin('squares', squares, expected.deviations, squareTolerance);
  });
}

/** Each case's bits in the build that came first: the others must have the same. */
const firstBits = new Map<string, readonly Float32Array[]>();

function expectSameBits(key: string, results: readonly Float32Array[]): void {
  const first = firstBits.get(key) ?? results;
  firstBits.set(key, first);
  expect(results).toEqual(first);
}

describe.each(BUILDS)('channelStatistics, %s', (build) => {
  it.each(CASES)('%i × %i×%i×%i in %i shards', (...shape) => {
    statistics(build, shape, 0);
    statistics(build, shape, 1000);
  });

  it('finds no variance in constants', () => {
    const bench = new Bench(3);
    const from = bench.inputView(3, [3, 5, 7], MARGINS, new Float32Array(315).fill(0.1));
    const partials = bench.output(8 * 15);
    bench.start(build);
    const args = [...place(from), 3, 3, 5, 7, 1, partials];
    bench.run([call('channelStatistics', args, 1)], 1);
    expect([...bench.doubles(partials, 14)].slice(0, 7)).toEqual(Array(7).fill(Math.fround(0.1)));
    expect([...bench.doubles(partials, 14)].slice(7)).toEqual(Array(7).fill(0));
  });
});

const EPSILON = 1e-3;
const MOMENTUM = 0.9;

describe.each(BUILDS)('batchNormalizationTrain and Inference, %s', (build) => {
  it.each([1, 3, 4, 5, 9].flatMap((channels) => [true, false].map((affine) => [channels, affine] as const)))(
    '%i channels, gamma and beta: %s',
    (channels, affine) => {
      const [batch, height, width, shards] = [3, 3, 5, 4];
      const input = around('input', batch * height * width * channels, channels, 3);
      const gamma = uniform('gamma', channels, 0.5, 2);
      const beta = uniform('beta', channels);
      const movingMean = uniform('movingMean', channels);
      const movingVariance = uniform('movingVariance', channels, 0.5, 2);
      const bench = new Bench(batch);
      const from = bench.inputView(batch, [height, width, channels], MARGINS, input);
      const partials = bench.output(8 * (2 * channels + 1) * shards);
      const [g, b] = affine ? [bench.input(gamma), bench.input(beta)] : [0, 0];
      const [moved, movedVariance] = [bench.state(movingMean), bench.state(movingVariance)];
      const [meanOf, varianceOf] = [bench.input(movingMean), bench.input(movingVariance)];
      const [mean, inverse, scale, shift] = [0, 1, 2, 3].map(() => bench.output(channels * 4));
      const constants = [0, 1, 2, 3].map(() => bench.output(channels * 4));
      bench.start(build);
      const results = [mean!, inverse!, scale!, shift!];
      const tail = [batch, height, width, channels, shards, partials];
      const train = [partials, shards, channels, g, b, EPSILON, MOMENTUM, moved, movedVariance, ...results];
      const [cMean, cInverse, cScale, cShift] = constants;
      const fixed = [g, b, meanOf, varianceOf, EPSILON, cScale!, cShift!, cMean!, cInverse!, channels];
      const program = [
        call('channelStatistics', [...place(from), ...tail], shards),
        call('batchNormalizationTrain', train, 1),
        call('batchNormalizationInference', fixed, 1),
      ];
      const addresses = [...results, moved, movedVariance, ...constants];
      const actual = runShared(bench, program, () => addresses.map((a) => bench.floats(a, channels).slice()));
      const { means, deviations, count } = moments(input, channels);
      const variances = deviations.map((value) => value / count);
      const expectCoefficients = (
        from4: readonly Float32Array[],
        of: ArrayLike<number>,
        variance: ArrayLike<number>,
      ): void => {
        const reciprocals = perChannel(channels, (c) => 1 / Math.sqrt(variance[c]! + EPSILON));
        const scales = reciprocals.map((value, c) => (affine ? gamma[c]! : 1) * value);
        const shifts = scales.map((value, c) => (affine ? beta[c]! : 0) - of[c]! * value);
        // The statistics' error is that of values up to 7 around their first; then one rounding each.
        const close = (expected: Float64Array): Float64Array =>
          expected.map((value, c) => growth(16) * (Math.abs(value) + Math.abs(scales[c]! * of[c]!) + 1));
        expectWithin('mean', from4[0]!, Float64Array.from(of), close(Float64Array.from(of)));
        expectWithin('inverse', from4[1]!, reciprocals, close(reciprocals));
        expectWithin('scale', from4[2]!, scales, close(scales));
        expectWithin('shift', from4[3]!, shifts, close(shifts));
      };
      expectCoefficients(actual.slice(0, 4), means, variances);
      expectCoefficients(actual.slice(6), movingMean, movingVariance);
      const moving = (before: Float32Array, now: Float64Array): Float64Array =>
        now.map((value, c) => before[c]! * MOMENTUM + value * (1 - MOMENTUM));
      const tolerance = magnitudes(means).map((value) => growth(8) * (value + 1));
      expectWithin('moving mean', actual[4]!, moving(movingMean, means), tolerance);
      expectWithin('moving variance', actual[5]!, moving(movingVariance, variances), tolerance);
    },
  );
});

/** Statistics as the forward pass leaves them, in float32. */
function prepared(input: Float32Array, channels: number): { mean: Float32Array; inverse: Float32Array } {
  const { means, deviations, count } = moments(input, channels);
  const inverse = deviations.map((value) => 1 / Math.sqrt(value / count + EPSILON));
  return { mean: Float32Array.from(means), inverse: Float32Array.from(inverse) };
}

function backward(build: Build, [batch, height, width, channels, shards]: Case, frozen: number): void {
  const pixels = batch * height * width;
  const shape = [height, width, channels];
  const input = around('input', pixels * channels, channels, 2);
  const dOutput = uniform('dOutput', input.length);
  const gamma = uniform('gamma', channels, 0.5, 2);
  const { mean, inverse } = prepared(input, channels);
  const bench = new Bench(batch);
  const gradient = bench.inputView(batch, shape, MARGINS, dOutput);
  const from = bench.inputView(batch, shape, MARGINS, input);
  const to = bench.outputView(batch, batch, shape, MARGINS);
  const [m, i, g] = [mean, inverse, gamma].map((values) => bench.input(values));
  const partials = bench.output(16 * channels * shards);
  const vectors = [0, 1, 2, 3, 4].map(() => bench.output(channels * 4));
  bench.start(build);
  const [dGamma, dBeta, a, b, c] = vectors;
  const views = [...place(gradient), ...place(from)];
  const sizes = [height, width, channels];
  const program = [
    call('batchNormalizationSums', [...views, m!, i!, batch, ...sizes, shards, partials], shards),
    call(
      'batchNormalizationGradient',
      [partials, shards, channels, pixels, g!, i!, m!, dGamma!, dBeta!, a!, b!, c!, frozen],
      1,
    ),
    call('batchNormalizationInput', [...views, ...place(to), ...sizes, a!, b!, c!], batch * height),
  ];
  const results = runShared(bench, program, () => [
    bench.read(to, batch),
    bench.floats(dGamma!, channels).slice(),
    bench.floats(dBeta!, channels).slice(),
  ]);
  expectSameBits(`backward ${[batch, height, width, channels, shards, frozen].join()}`, results);
  const [dx, actualGamma, actualBeta] = results;
  const { sums, products } = gradientSums(dOutput, input, mean, inverse);
  const sizesOf = gradientSums(
    magnitudes(dOutput),
    input.map((value, k) => Math.abs(value - mean[k % channels]!)),
    new Float32Array(channels),
    inverse,
  );
  // Two additions in float32 and the result; a difference and a product more.
  const sumErrors = sizesOf.sums.map((size) => sumTolerance(3, size));
  const productErrors = sizesOf.products.map((size) => sumTolerance(5, size));
  expectWithin('dBeta', actualBeta!, sums, sumErrors);
  expectWithin('dGamma', actualGamma!, products, productErrors);
  const factors = gamma.map((value, k) => value * inverse[k]!);
  const expected = frozen
    ? Float64Array.from(dOutput, (value, k) => value * gamma[k % channels]! * inverse[k % channels]!)
    : inputGradient(dOutput, input, mean, inverse, gamma);
  const tolerance = expected.map((_, k) => {
    const ch = k % channels;
    if (frozen) return sumTolerance(4, Math.abs(factors[ch]! * dOutput[k]!));
    // a · dOutput + (b · input + c): c holds −b · mean, so that both are as large as the mean is.
    const slope = (factors[ch]! * inverse[ch]! * Math.abs(products[ch]!)) / pixels;
    const distance = Math.abs(mean[ch]!) + Math.abs(input[k]!);
    const terms =
      Math.abs(factors[ch]! * dOutput[k]!) + slope * distance + factors[ch]! * Math.abs(sums[ch]! / pixels);
    const inherited =
      (factors[ch]! / pixels) *
      (sumErrors[ch]! + Math.abs(input[k]! - mean[ch]!) * inverse[ch]! * productErrors[ch]!);
    return sumTolerance(5, terms) + inherited;
  });
  expectWithin('dInput', dx!, expected, tolerance);
}

describe.each(BUILDS)('the backward pass of batch normalization, %s', (build) => {
  it.each(CASES)('%i × %i×%i×%i in %i shards', (...shape) => {
    backward(build, shape, 0);
    backward(build, shape, 1);
  });
});

describe.each(BUILDS)('scaleShift and batchNormalizationInput, %s', (build) => {
  it.each(CASES)('in place or not, to the bit: %i × %i×%i×%i', (batch, height, width, channels) => {
    const x = uniform('x', batch * height * width * channels);
    const d = uniform('d', x.length);
    const [a, b, c] = ['a', 'b', 'c'].map((name) => uniform(name, channels));
    const bench = new Bench(batch);
    const shape = [height, width, channels];
    const from = bench.inputView(batch, shape, MARGINS, x);
    const gradient = bench.inputView(batch, shape, MARGINS, d);
    const [to, dIn] = [0, 1].map(() => bench.outputView(batch, batch, shape, MARGINS));
    const [sameX, sameD, sameInput] = [x, d, x].map((values) => bench.state(values));
    const [pa, pb, pc] = [a!, b!, c!].map((values) => bench.input(values));
    bench.start(build);
    const row = width * channels * 4;
    const compact = (address: number): number[] => [address, height * row, row];
    const coefficients = [...shape, pa!, pb!, pc!];
    const items = batch * height;
    const scaleArgs = [...shape, pa!, pb!];
    const combine = (...views: readonly number[][]): Instruction =>
      call('batchNormalizationInput', [...views.flat(), ...coefficients], items);
    const program = [
      call('scaleShift', [...place(from), ...place(to!), ...scaleArgs], items),
      call('scaleShift', [...compact(sameX!), ...compact(sameX!), ...scaleArgs], items),
      combine(place(gradient), place(from), place(dIn!)),
      combine(compact(sameD!), place(from), compact(sameD!)),
      combine(place(gradient), compact(sameInput!), compact(sameInput!)),
    ];
    const results = runShared(bench, program, () => [
      bench.read(to!, batch),
      bench.floats(sameX!, x.length).slice(),
      bench.read(dIn!, batch),
      bench.floats(sameD!, x.length).slice(),
      bench.floats(sameInput!, x.length).slice(),
    ]);
    const { fround } = Math;
    const linear = (value: number, scale: number, shift: number): number =>
      fround(fround(value * scale) + shift);
    const scaled = x.map((value, k) => linear(value, a![k % channels]!, b![k % channels]!));
    const dInput = d.map((value, k) => {
      const ch = k % channels;
      return linear(value, a![ch]!, linear(x[k]!, b![ch]!, c![ch]!));
    });
    expect(results).toEqual([scaled, scaled, dInput, dInput, dInput]);
  });
});
