/** The metrics on every build: they count, so they must be exact. */
import { describe, expect, it } from 'vitest';
import { bytes, integers, uniform } from '../reference/data.ts';
import { accuracyRow, binaryAccuracyRow, classOf, positivesRow, topKRow } from '../reference/metrics.ts';
import { Bench, BUILDS, runShared, type Build } from './harness.ts';

type Targets = Float32Array | Int32Array;

interface Options {
  readonly parameters?: readonly number[];
  readonly rowsPerImage?: number;
  readonly weights?: Float32Array;
  /** How many numbers a row has, and which of them are wanted. */
  readonly wanted?: readonly boolean[];
}

/** Runs a metric. @returns [values][rows]; none where they are not wanted */
function run(
  build: Build,
  kernel: string,
  predictions: Float32Array,
  targets: Targets,
  outputs: number,
  { parameters = [], rowsPerImage = 1, weights, wanted = [true] }: Options = {},
): number[][] {
  const rows = predictions.length / outputs;
  const bench = new Bench(rows);
  const [from, to] = [bench.input(predictions), bench.input(targets)];
  const of = weights ? bench.input(weights) : 0;
  const values = wanted.map((yes) => (yes ? bench.output(rows * 8) : 0));
  bench.start(build);
  const program = [
    {
      label: kernel,
      kernel,
      arguments: [from, to, outputs, ...parameters, rowsPerImage, of, ...values],
      items: rows,
    },
  ];
  const present = values.filter((address) => address !== 0);
  runShared(bench, program, () => present.map((address) => bench.floats(address, rows * 2).slice()));
  return values.map((address) => (address ? [...bench.doubles(address, rows)] : []));
}

/** Whole numbers, so that many are equal. */
const tied = (rows: number, outputs: number): Float32Array =>
  integers(`predictions ${outputs}`, rows * outputs);

const rowsOf = (values: Float32Array, outputs: number): Float32Array[] =>
  Array.from({ length: values.length / outputs }, (_, row) =>
    values.subarray(row * outputs, (row + 1) * outputs),
  );

const SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 17, 100, 257];
const ROWS = 12;
const WEIGHTS = Float32Array.of(0.5, 0, 2.25, 1);
/** Those of 12 rows in 4 images. */
const weightOf = (row: number): number => WEIGHTS[Math.floor(row / 3)]!;

describe.each(BUILDS)('metrics, %s', (build) => {
  /** With and without weights, against a twin of one row. */
  const check = (
    kernel: string,
    predictions: Float32Array,
    targets: Targets,
    outputs: number,
    twin: (row: Float32Array, index: number) => number,
    parameters: readonly number[] = [],
  ): void => {
    const expected = rowsOf(predictions, outputs).map(twin);
    expect(run(build, kernel, predictions, targets, outputs, { parameters })).toEqual([expected]);
    expect(
      run(build, kernel, predictions, targets, outputs, { parameters, rowsPerImage: 3, weights: WEIGHTS }),
    ).toEqual([expected.map((value, row) => value * weightOf(row))]);
  };

  it.each(SIZES)('accuracies of %i classes', (outputs) => {
    const predictions = tied(ROWS, outputs);
    // Half of the targets are right.
    const classes = Int32Array.from(bytes('classes', ROWS, Math.min(outputs, 256)), (other, row) =>
      row % 2 ? other : classOf(predictions.subarray(row * outputs, (row + 1) * outputs)),
    );
    const dense = uniform('dense', ROWS * outputs);
    classes.forEach((target, row) => (dense[row * outputs + target] = 2));
    const right = (row: Float32Array, i: number): number => accuracyRow(row, classes[i]!);
    check('sparseCategoricalAccuracy', predictions, classes, outputs, right);
    check('categoricalAccuracy', predictions, dense, outputs, right);
    for (const k of [1, 2, 5]) {
      const among = (row: Float32Array, i: number): number => topKRow(row, classes[i]!, k);
      check('sparseTopKCategoricalAccuracy', predictions, classes, outputs, among, [k]);
      check('topKCategoricalAccuracy', predictions, dense, outputs, among, [k]);
    }
  });

  it.each(SIZES)('binary metrics of %i outputs', (outputs) => {
    const predictions = uniform('probabilities', ROWS * outputs, 0, 1).map((p, i) =>
      i % 7 === 0 ? 0.5 : i % 11 === 0 ? NaN : p,
    );
    const targets = Float32Array.from(bytes('targets', ROWS * outputs, 2));
    const rows = rowsOf(targets, outputs);
    for (const threshold of [0.5, 0.3, -0.5]) {
      const parameters = [threshold];
      check(
        'binaryAccuracy',
        predictions,
        targets,
        outputs,
        (row, i) => binaryAccuracyRow(row, rows[i]!, threshold),
        parameters,
      );
      const counts = rowsOf(predictions, outputs).map((row, i) => positivesRow(row, rows[i]!, threshold));
      const expected = [0, 1, 2].map((which) => counts.map((count) => count[which]!));
      const all = { parameters, wanted: [true, true, true] };
      expect(run(build, 'countPositives', predictions, targets, outputs, all)).toEqual(expected);
      const weighted = { ...all, weights: WEIGHTS, rowsPerImage: 3 };
      expect(run(build, 'countPositives', predictions, targets, outputs, weighted)).toEqual(
        expected.map((values) => values.map((value, row) => value * weightOf(row))),
      );
      for (const which of [0, 1, 2]) {
        const wanted = [0, 1, 2].map((other) => other === which);
        const one = run(build, 'countPositives', predictions, targets, outputs, { parameters, wanted });
        expect(one[which]).toEqual(expected[which]);
      }
    }
  });
});

describe('metrics at the ends', () => {
  const sparse = (kernel: string, row: readonly number[], target: number, ...parameters: number[]): number =>
    run('simd', kernel, Float32Array.from(row), Int32Array.of(target), row.length, { parameters })[0]![0]!;

  it('the first of equals is predicted', () => {
    expect(sparse('sparseCategoricalAccuracy', [1, 3, 3, 0], 1)).toBe(1);
    expect(sparse('sparseCategoricalAccuracy', [1, 3, 3, 0], 2)).toBe(0);
    expect(sparse('sparseCategoricalAccuracy', [0, -0], 1)).toBe(0);
  });

  it('nothing is predicted where a value is NaN, infinities count', () => {
    for (let i = 0; i < 6; i++) {
      const row = [5, 1, 1, 1, 1, 1].with(i, NaN);
      for (let target = 0; target < 6; target++) {
        expect(sparse('sparseCategoricalAccuracy', row, target)).toBe(0);
        expect(sparse('sparseTopKCategoricalAccuracy', row, target, 6)).toBe(0);
      }
    }
    expect(sparse('sparseCategoricalAccuracy', [0, Infinity, -Infinity], 1)).toBe(1);
    expect(sparse('sparseCategoricalAccuracy', [-Infinity, -Infinity], 0)).toBe(1);
    const none = Float32Array.of(NaN, NaN);
    for (const [kernel, parameters] of [
      ['categoricalAccuracy', []],
      ['topKCategoricalAccuracy', [2]],
    ] as const) {
      expect(run('simd', kernel, none, none, 2, { parameters })).toEqual([[0]]);
      expect(run('simd', kernel, Float32Array.of(1, 2), none, 2, { parameters })).toEqual([[0]]);
    }
  });

  it('in the top k all equals are, and nothing where a value is infinite', () => {
    // With k = 2 one value may be larger: the three that share second place are all among them.
    expect(
      [0, 1, 2, 3, 4].map((of) => sparse('sparseTopKCategoricalAccuracy', [9, 5, 5, 5, 1], of, 2)),
    ).toEqual([1, 1, 1, 1, 0]);
    expect(sparse('sparseTopKCategoricalAccuracy', [9, 5, Infinity, 1, 1], 0, 5)).toBe(0);
    expect(sparse('sparseTopKCategoricalAccuracy', [9, 5, -Infinity, 1, 1], 0, 5)).toBe(0);
  });

  it('a prediction at the threshold is a no', () => {
    const at = Float32Array.of(0.5, 0.5);
    const targets = Float32Array.of(0, 1);
    expect(run('simd', 'binaryAccuracy', at, targets, 1, { parameters: [0.5] })).toEqual([[1, 0]]);
    const wanted = [true, true, true];
    expect(run('simd', 'countPositives', at, targets, 2, { parameters: [0.5], wanted })).toEqual([
      [0],
      [0],
      [1],
    ]);
  });
});
