/** Softmax and cross-entropy on every build, and through them the engine's own exp and log. */
import { describe, expect, it } from 'vitest';
import { bytes, uniform } from '../reference/data.ts';
import { softmaxCrossEntropy } from '../reference/softmaxCrossEntropy.ts';
import { expectWithin, growth, magnitudes } from '../reference/tolerance.ts';
import { Bench, BUILDS, runShared, type Build } from './harness.ts';

/** The engine computes in float64: its results are off by a few units in the last place. */
const DOUBLE_ULPS = 8 * 2 ** -53;

interface Result {
  readonly probabilities: Float32Array;
  readonly dLogits: Float32Array;
  readonly losses: Float64Array;
  readonly correct: Float64Array;
}

function run(build: Build, classes: number, logits: Float32Array, labels: Uint8Array): Result {
  const batch = labels.length;
  const bench = new Bench(batch);
  const from = bench.input(logits);
  const of = bench.input(Int32Array.from(labels));
  const probabilities = bench.output(logits.byteLength);
  const dLogits = bench.output(logits.byteLength);
  const losses = bench.output(batch * 8);
  const correct = bench.output(batch * 8);
  bench.start(build);
  const loss = { label: 'loss', kernel: 'softmaxCrossEntropy', items: batch };
  runShared(
    bench,
    [
      { label: 'softmax', kernel: 'softmaxForward', arguments: [from, classes, probabilities], items: batch },
      { ...loss, arguments: [from, of, classes, 0, 1 / batch, 1, 0, dLogits, losses, correct] },
    ],
    () => [
      bench.floats(probabilities, logits.length).slice(),
      bench.floats(dLogits, logits.length).slice(),
      bench.floats(losses, batch * 2).slice(),
      bench.floats(correct, batch * 2).slice(),
    ],
  );
  const result = {
    probabilities: bench.floats(probabilities, logits.length).slice(),
    dLogits: bench.floats(dLogits, logits.length).slice(),
    losses: bench.doubles(losses, batch).slice(),
    correct: bench.doubles(correct, batch).slice(),
  };
  // Without a gradient the rest is the same, and nothing is written where it would be.
  bench.run([{ ...loss, arguments: [from, of, classes, 0, 1 / batch, 1, 0, 0, losses, correct] }], 1);
  expect(bench.doubles(losses, batch)).toEqual(result.losses);
  expect(bench.doubles(correct, batch)).toEqual(result.correct);
  expect(bench.floats(dLogits, logits.length).every(Number.isNaN)).toBe(true);
  return result;
}

function check(build: Build, classes: number, logits: Float32Array, labels: Uint8Array): void {
  const actual = run(build, classes, logits, labels);
  const expected = softmaxCrossEntropy(classes, Float64Array.from(logits), labels);
  // Rounded to float32 once at the end, and the scale 1 / batch once before.
  const rounded = (roundings: number, values: Float64Array, scale: number): Float64Array =>
    magnitudes(values).map((value) => growth(roundings) * value + DOUBLE_ULPS * scale + 2 ** -149);
  expectWithin(
    'probabilities',
    actual.probabilities,
    expected.probabilities,
    rounded(2, expected.probabilities, 1),
  );
  expectWithin('dLogits', actual.dLogits, expected.dLogits, rounded(3, expected.dLogits, 1 / labels.length));
  const ulps = expected.losses.map((loss) => DOUBLE_ULPS * Math.max(1, loss));
  expectWithin('losses', actual.losses, expected.losses, ulps);
  expect(actual.correct.reduce((sum, value) => sum + value, 0)).toBe(expected.correct);
}

describe.each(BUILDS)('softmax and cross-entropy, %s', (build) => {
  it.each([
    [1, 3],
    [2, 1],
    [3, 17],
    [10, 64],
    [17, 3],
    [256, 5],
    [1000, 2],
  ])('of %i classes, %i images', (classes, batch) => {
    const labels = bytes('labels', batch, Math.min(classes, 256));
    for (const scale of [0, 1e-6, 1, 30, 1e4, 1e30]) {
      const logits = uniform('logits', classes * batch, -scale, scale);
      check(build, classes, logits, labels);
    }
  });

  it('stays finite for logits of ±10,000', () => {
    const { probabilities, losses } = run(
      build,
      3,
      Float32Array.of(1e4, -1e4, 0, -1e4, -1e4, 1e4),
      Uint8Array.of(0, 0),
    );
    expect([...probabilities]).toEqual([1, 0, 0, 0, 0, 1]);
    expect([...losses]).toEqual([0, 2e4]);
  });

  it('takes the first of equal logits as the prediction', () => {
    const logits = Float32Array.of(1, 1, 1, 1, 1, 1, 0, 2, 2);
    const { correct, probabilities } = run(build, 3, logits, Uint8Array.of(0, 1, 1));
    expect([...correct]).toEqual([1, 0, 1]);
    expect([...probabilities.subarray(0, 3)]).toEqual(new Array<number>(3).fill(Math.fround(1 / 3)));
  });

  it.each([0, 1, 2])('gives NaN where logit %i is NaN, and leaves the other images alone', (i) => {
    const logits = Float32Array.of(1, 2, 3, 1, 2, 3);
    logits[i] = NaN;
    const { losses, probabilities, dLogits } = run(build, 3, logits, Uint8Array.of(2, 2));
    expect(losses[0]).toBeNaN();
    for (let c = 0; c < 3; c++) {
      expect(probabilities[c]).toBeNaN();
      expect(dLogits[c]).toBeNaN();
    }
    expect(losses[1]).toBeGreaterThan(0);
    expect(probabilities.subarray(3).some(Number.isNaN)).toBe(false);
  });

  it('has an infinite loss, not NaN, where the label is impossible', () => {
    const { losses } = run(build, 2, Float32Array.of(0, -Infinity), Uint8Array.of(1));
    expect(losses[0]).toBe(Infinity);
  });

  it('computes log within a few units in the last place', () => {
    // Equal logits: the loss is ln(classes).
    for (const classes of [2, 3, 5, 10, 47, 97, 181, 256, 1000, 1449, 4096]) {
      const { losses } = run(build, classes, new Float32Array(classes), Uint8Array.of(0));
      const expected = Math.log(classes);
      expectWithin(`ln ${classes}`, losses, [expected], [2 * 2 ** -52 * expected]);
    }
  });

  it('computes exp within a few units in the last place', () => {
    // Two logits 0 and x: the loss of the first is ln(1 + e^x), which is near e^x itself but for what 1 + e^x rounds.
    const xs = Float32Array.from({ length: 2000 }, (_, i) => -i / 55.3);
    const logits = Float32Array.from([...xs].flatMap((x) => [0, x]));
    const { losses } = run(build, 2, logits, new Uint8Array(xs.length));
    const expected = Float64Array.from(xs, (x) => Math.log(1 + Math.exp(x)));
    const ulps = expected.map((value) => 2 * 2 ** -52 * value + 2 ** -52);
    expectWithin('ln(1 + exp x)', losses, expected, ulps);
    // And e^x relative to itself, as far down as float32 goes.
    const far = Float32Array.from({ length: 870 }, (_, i) => -i / 10);
    const pairs = Float32Array.from([...far].flatMap((x) => [0, x]));
    const { probabilities } = run(build, 2, pairs, new Uint8Array(far.length));
    const ratios = Float64Array.from(far, (x) => Math.exp(x) / (1 + Math.exp(x)));
    expectWithin(
      'exp x / (1 + exp x)',
      probabilities.filter((_, i) => i % 2 === 1),
      ratios,
      ratios.map((value) => growth(2) * value + 2 ** -149),
    );
  });
});
