/** The losses on every build against float64, their gradients, and where numbers end. */
import { describe, expect, it } from 'vitest';
import type { Instruction } from '../../src/engine/program.ts';
import { uniform } from '../reference/data.ts';
import { lossOf, type Loss } from '../reference/losses.ts';
import { expectWithin, growth } from '../reference/tolerance.ts';
import { Bench, BUILDS, runShared, type Build } from './harness.ts';
import { denseTargets, LOSS_CASES, lossCase, lossData, type LossCase, type LossData } from './lossCases.ts';

interface Options {
  readonly scale?: number;
  readonly rowsPerImage?: number;
  readonly weights?: Float32Array | undefined;
}

interface Result {
  readonly losses: Float64Array;
  readonly dPredictions: Float32Array;
}

function run(build: Build, loss: LossCase, data: LossData, options: Options = {}): Result {
  const { scale = 1, rowsPerImage = 1, weights } = options;
  const { predictions, outputs } = data;
  const rows = predictions.length / outputs;
  const bench = new Bench(rows);
  const from = bench.input(predictions);
  const targets = bench.input(data.targets);
  const of = weights ? bench.input(weights) : 0;
  const gradient = bench.output(predictions.byteLength);
  const losses = bench.output(rows * 8);
  bench.start(build);
  const program = (dPredictions: number): Instruction[] => [
    {
      label: loss.kernel,
      kernel: loss.kernel,
      arguments: [
        ...[from, targets, outputs, ...loss.parameters, scale, rowsPerImage, of, dPredictions, losses],
        ...(loss.kernel === 'softmaxCrossEntropy' ? [0] : []),
      ],
      items: rows,
    },
  ];
  const [dPredictions] = runShared(bench, program(gradient), () => [
    bench.floats(gradient, predictions.length).slice(),
    bench.floats(losses, rows * 2).slice(),
  ]);
  const values = bench.doubles(losses, rows).slice();
  // Without a gradient the losses are the same, and nothing is written where it would be.
  bench.run(program(0), 1);
  expect(bench.doubles(losses, rows)).toEqual(values);
  expect(bench.floats(gradient, predictions.length).every(Number.isNaN)).toBe(true);
  return { losses: values, dPredictions: dPredictions! };
}

function check(build: Build, loss: LossCase, data: LossData, options: Options = {}): void {
  const { scale = 1, rowsPerImage = 1, weights } = options;
  const { outputs } = data;
  const actual = run(build, loss, data, options);
  const predictions = Float64Array.from(data.predictions);
  const targets = denseTargets(data);
  const batch = {
    predictions,
    targets,
    outputs,
    rowsPerImage,
    weights: weights && Float64Array.from(weights),
    scale: Math.fround(scale),
  };
  const expected = lossOf(loss.twin, batch);
  // What a row may be off is weighted and scaled as the row is.
  const slack: Loss = (row, of) => loss.bounds(row, of);
  const bound = lossOf(slack, batch);
  const what = `${loss.name}, ${outputs} outputs`;
  // The product with a weight is rounded too.
  const tolerances = expected.losses.map((value, row) => bound.losses[row]! + 2 ** -50 * value);
  expectWithin(`losses of ${what}`, actual.losses, expected.losses, tolerances);
  expectWithin(
    `gradient of ${what}`,
    actual.dPredictions,
    expected.dPredictions,
    // Scale, weight and 1 / outputs make one factor, which is rounded, as is the product.
    expected.dPredictions.map((d, i) => bound.dPredictions[i]! * 1.001 + growth(3) * Math.abs(d) + 2 ** -148),
  );
}

describe.each(BUILDS)('losses, %s', (build) => {
  it.each(LOSS_CASES)('$name', (loss) => {
    for (const outputs of [1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 16, 17, 31, 100]) {
      check(build, loss, lossData(loss, 7, outputs));
      const weights = uniform('weights', 2, 0, 2).with(1, outputs % 2);
      check(build, loss, lossData(loss, 6, outputs), { scale: 1 / 6, rowsPerImage: 3, weights });
    }
  });

  it.each(LOSS_CASES)('$name: NaN stays in its row', (loss) => {
    const data = lossData(loss, 3, 5);
    for (const i of [5, 7, 9]) {
      const predictions = data.predictions.with(i, NaN);
      const targets = data.targets instanceof Int32Array ? data.targets.with(1, i - 5) : data.targets;
      const { losses, dPredictions } = run(build, loss, { ...data, predictions, targets });
      expect([...losses].map(Number.isNaN)).toEqual([false, true, false]);
      expect(dPredictions[i]).toBeNaN();
      expect([...dPredictions.subarray(0, 5), ...dPredictions.subarray(10)].some(Number.isNaN)).toBe(false);
    }
  });

  it('takes classes up to 65,535', () => {
    const outputs = 65536;
    const predictions = uniform('many', outputs);
    const targets = Int32Array.of(65535);
    for (const name of ['softmaxCrossEntropy(0)', 'softmaxCrossEntropy(0.1)']) {
      check(build, lossCase(name), { outputs, predictions, targets });
    }
  });

  it('has the bits of the first build', () => {
    for (const loss of LOSS_CASES) {
      const data = lossData(loss, 3, 13);
      expect(run(build, loss, data)).toEqual(run('simd', loss, data));
    }
  });
});

/** One row of a loss on the baseline build. */
function row(name: string, predictions: readonly number[], targets: readonly number[]): Result {
  const loss = lossCase(name);
  return run('simd', loss, {
    outputs: predictions.length,
    predictions: Float32Array.from(predictions),
    targets: loss.targets === 'classes' ? Int32Array.from(targets) : Float32Array.from(targets),
  });
}

/** What Keras' clipping leaves of ln 0, of ln(1 − 1) and of ln 1. */
const [LN_LOWEST, LN_GAP, LN_HIGHEST] = [-16.11809565, -15.94238515, -1.1920929665e-7];

describe('losses at the ends', () => {
  it('softmaxCrossEntropyDense: logits of ±10,000 and −∞', () => {
    const far = row('softmaxCrossEntropyDense(0)', [1e4, -1e4, 0], [0, 1, 0]);
    expect([...far.losses, ...far.dPredictions]).toEqual([2e4, 1, -1, 0]);
    const certain = row('softmaxCrossEntropyDense(0)', [1e4, -1e4, -Infinity], [1, 0, 0]);
    expect([...certain.losses, ...certain.dPredictions]).toEqual([0, 0, 0, 0]);
    expect([...row('softmaxCrossEntropyDense(0)', [0, 0, -Infinity], [0, 0, 1]).losses]).toEqual([Infinity]);
    expect([...row('softmaxCrossEntropy(0.1)', [0, -Infinity], [0]).losses]).toEqual([Infinity]);
  });

  it('softmaxCrossEntropyDense: a row without targets has neither loss nor gradient', () => {
    const { losses, dPredictions } = row('softmaxCrossEntropyDense(0)', [1, 2, 3], [0, 0, 0]);
    expect([...losses, ...dPredictions]).toEqual([0, 0, 0, 0]);
  });

  it('sigmoidCrossEntropy: logits of ±10,000 and 0', () => {
    const { losses, dPredictions } = row('sigmoidCrossEntropy(0)', [1e4, -1e4, 1e4, -1e4], [1, 1, 0, 0]);
    expect([...losses, ...dPredictions]).toEqual([5e3, 0, -0.25, 0.25, 0]);
    const middle = row('sigmoidCrossEntropy(0)', [0], [1]);
    expectWithin('ln 2', middle.losses, [Math.LN2], [growth(4)]);
    expect([...middle.dPredictions]).toEqual([-0.5]);
  });

  it('binaryCrossEntropy: probabilities 0 and 1', () => {
    const expected = [-LN_LOWEST, -LN_GAP, -LN_HIGHEST, -Math.log1p(-1e-7)];
    [
      [0, 1],
      [1, 0],
      [1, 1],
      [0, 0],
    ].forEach(([p, target], i) => {
      const { losses, dPredictions } = row('binaryCrossEntropy(0)', [p!], [target!]);
      // 1 − 1e-7 is rounded.
      expectWithin(
        `loss of ${p} for ${target}`,
        losses,
        [expected[i]!],
        [growth(3) * expected[i]! + 2 ** -24],
      );
      expect([...dPredictions]).toEqual([0]);
    });
  });

  it('crossEntropy: probabilities 0 and 1, and none at all', () => {
    for (const name of ['crossEntropy(0, 0)', 'crossEntropy(0, 1)', 'crossEntropyDense(0)']) {
      const dense = name.includes('Dense');
      const missed = row(name, [0, 1, 0], dense ? [1, 0, 0] : [0]);
      expectWithin(`${name}, missed`, missed.losses, [-LN_LOWEST], [1e-6]);
      expect(missed.dPredictions[0]).toBe(0);
      const met = row(name, [0, 1, 0], dense ? [0, 1, 0] : [1]);
      expectWithin(`${name}, met`, met.losses, [-LN_HIGHEST], [3e-7]);
      expect(met.dPredictions.every(Number.isFinite)).toBe(true);
      const none = row(name, [0, 0, 0], dense ? [0, 1, 0] : [1]);
      // Clipped first, zeros are equal; a sum of 0 divides nothing.
      const expected = name === 'crossEntropy(0, 1)' ? Math.log(3) : NaN;
      expect(none.losses[0]! - expected).toEqual(Number.isNaN(expected) ? NaN : expect.closeTo(0, 6));
    }
  });

  it('meanAbsoluteError: the slope is 0 at 0', () => {
    const { dPredictions } = row('meanAbsoluteError', [1, 2, 3, 1e30], [1, 3, 2, 0]);
    expect([...dPredictions]).toEqual([0, -0.25, 0.25, 0.25]);
  });

  it('meanSquaredError and huber: what float32 could not square', () => {
    expect(row('meanSquaredError', [1e30], [0]).losses[0]).toBeCloseTo(Math.fround(1e30) ** 2, -50);
    expect(row('huber', [Infinity], [0]).losses[0]).toBe(Infinity);
    expect(row('huber', [-Infinity], [0]).dPredictions[0]).toBe(-Math.fround(0.7));
  });
});

describe('ln of vectorMath.ts', () => {
  it('is within 3 ulp', () => {
    const rows = 20000;
    const predictions = Float32Array.from({ length: rows }, (_, i) =>
      i % 2 ? Math.exp((-16.1 * i) / rows) : 0.6 + (0.3999 * i) / rows,
    );
    const targets = new Float32Array(rows).fill(1);
    const { losses } = run('simd', lossCase('binaryCrossEntropy(0)'), { outputs: 1, predictions, targets });
    const expected = Float64Array.from(predictions, (p) => -Math.log(p));
    const ulps = expected.map((value) => 3 * 2 ** (Math.floor(Math.log2(value)) - 23));
    expectWithin('ln', losses, expected, ulps);
  });
});

describe('the twins of losses', () => {
  it.each(LOSS_CASES)('$name: the gradient is that of the loss', (loss) => {
    const data = lossData(loss, 1, 7);
    const targets = denseTargets(data);
    // Away from what bends: bounds and errors of 0.
    const predictions = Float64Array.from(data.predictions, (x, i) =>
      loss.predictions === 'logits' ? x + (x === targets[i] ? 0.3 : 0) : 0.1 + 0.8 * x,
    );
    const h = 1e-5;
    const value = (x: Float64Array): number => loss.twin(x, targets).loss;
    const numeric = predictions.map((x, i) => {
      const [above, below] = [value(predictions.with(i, x + h)), value(predictions.with(i, x - h))];
      return (above - below) / (2 * h);
    });
    expect(Math.max(...numeric.map(Math.abs))).toBeGreaterThan(0.01);
    const { gradient } = loss.twin(predictions, targets);
    expectWithin('gradient', gradient, numeric, new Float64Array(7).fill(1e-7));
  });
});
