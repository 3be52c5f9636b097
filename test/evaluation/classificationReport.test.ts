import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { classificationReport } from '../../src/evaluation/classificationReport.ts';

/** See test/fixtures/scikit-learn/reports.py. */
interface Case {
  readonly name: string;
  readonly classes: number;
  readonly labels: number[];
  readonly probabilities: number[];
  readonly report: Readonly<Record<string, Record<string, number> | number>>;
  readonly confusion: number[][];
  readonly logLoss?: number;
  readonly topK?: number[];
}

const fixtures = new URL('../fixtures/scikit-learn/reports.json', import.meta.url);
const cases = JSON.parse(readFileSync(fixtures, 'utf8')) as Case[];

describe('classificationReport, beside scikit-learn', () => {
  it.each(cases)('$name', (given) => {
    const classNames = Array.from({ length: given.classes }, (_, label) => `class ${label}`);
    const report = classificationReport(given.labels, given.probabilities, { classNames });
    const scores = (name: string): object => {
      const of = given.report[name] as Record<string, number> | undefined;
      return Object.fromEntries(
        (['precision', 'recall', 'f1'] as const).map((score) => [
          score,
          expect.closeTo(of?.[score === 'f1' ? 'f1-score' : score] ?? 0, 14) as number,
        ]),
      );
    };
    report.classes.forEach((each, label) => {
      const { support = 0 } = (given.report[label] ?? {}) as Record<string, number>;
      expect(each).toMatchObject({ ...scores(String(label)), name: `class ${label}`, support });
    });
    expect(report.macroAverage).toEqual(scores('macro avg'));
    expect(report.weightedAverage).toEqual(scores('weighted avg'));
    expect(report.confusion).toEqual(given.confusion);
    // Where all that occurs is all classes, it gives the accuracy under this name.
    if (given.report.accuracy !== undefined) expect(report.accuracy).toBe(given.report.accuracy);
    if (given.logLoss !== undefined) expect(report.negativeLogLikelihood).toBeCloseTo(given.logLoss, 13);
    given.topK?.forEach((accuracy, k) => {
      expect(report.topKAccuracy[k]).toBeCloseTo(accuracy, 14);
    });
  });
});

// Six images in three classes; the last class is never right, and the second answer is a tie.
const labels = [0, 0, 1, 1, 2, 2];
const probabilities = [
  ...[0.75, 0.125, 0.125],
  ...[0.375, 0.25, 0.375],
  ...[0.25, 0.5, 0.25],
  ...[0.8125, 0.125, 0.0625],
  ...[0, 1, 0],
  ...[0.5, 0.125, 0.375],
];

describe('classificationReport, by hand', () => {
  const report = classificationReport(labels, probabilities, { classNames: ['a', 'b', 'c'], bins: 4 });

  it('scores each class', () => {
    expect(report.confusion).toEqual([
      [2, 0, 0],
      [1, 1, 0],
      [1, 1, 0],
    ]);
    expect(report.classes).toEqual([
      { name: 'a', precision: 2 / 4, recall: 1, f1: 4 / 6, support: 2, predicted: 4 },
      { name: 'b', precision: 1 / 2, recall: 1 / 2, f1: 2 / 4, support: 2, predicted: 2 },
      { name: 'c', precision: 0, recall: 0, f1: 0, support: 2, predicted: 0 },
    ]);
    expect(report.count).toBe(6);
    expect(report.accuracy).toBe(3 / 6);
    expect(report.macroAverage).toEqual({ precision: 1 / 3, recall: 0.5, f1: (4 / 6 + 2 / 4) / 3 });
  });

  it('finds the right class among the likeliest', () => {
    // Behind the first: those of images 3 and 5 are second, that of image 4 is third, of two equals.
    expect(report.topKAccuracy).toEqual([3 / 6, 5 / 6, 1]);
  });

  it('compares confidence with accuracy', () => {
    // Confidences: 0.75, 0.375, 0.5, 0.8125, 1, 0.5. The upper end belongs to a range.
    expect(report.calibration.bins).toEqual([
      { lower: 0, upper: 0.25, count: 0, confidence: null, accuracy: null },
      { lower: 0.25, upper: 0.5, count: 3, confidence: 1.375 / 3, accuracy: 2 / 3 },
      { lower: 0.5, upper: 0.75, count: 1, confidence: 0.75, accuracy: 1 },
      { lower: 0.75, upper: 1, count: 2, confidence: 0.90625, accuracy: 0 },
    ]);
    expect(report.calibration.expectedCalibrationError).toBeCloseTo((0.625 + 0.25 + 1.8125) / 6, 15);
    expect(report.calibration.maximumCalibrationError).toBe(0.90625);
    // ln of what the right class had; 0 counts as the least float32.
    const sum = [0.75, 0.375, 0.5, 0.125, 1.1754943508222875e-38, 0.375].reduce((s, p) => s - Math.log(p), 0);
    expect(report.negativeLogLikelihood).toBeCloseTo(sum / 6, 13);
  });

  it('lists the mistakes, the surest first', () => {
    expect(report.mistakeCount).toBe(3);
    expect(report.mistakes).toEqual([
      { index: 4, actual: 2, actualProbability: 0, predicted: 1, probability: 1 },
      { index: 3, actual: 1, actualProbability: 0.125, predicted: 0, probability: 0.8125 },
      { index: 5, actual: 2, actualProbability: 0.375, predicted: 0, probability: 0.5 },
    ]);
    const few = classificationReport(labels, probabilities, { mistakes: 1 });
    expect(few.mistakes.map(({ index }) => index)).toEqual([4]);
    expect(few.classes.map(({ name }) => name)).toEqual(['0', '1', '2']);
  });

  it('takes one class, of which nothing is wrong', () => {
    const one = classificationReport([0, 0], [1, 1], { classNames: ['only'] });
    expect(one).toMatchObject({ accuracy: 1, topKAccuracy: [1], mistakeCount: 0, mistakes: [] });
    expect(one.negativeLogLikelihood).toBe(0);
    expect(one.macroAverage).toEqual({ precision: 1, recall: 1, f1: 1 });
    expect(one.calibration.expectedCalibrationError).toBe(0);
  });
});

it('agrees with counting one image after the other', () => {
  const cell = fc.integer({ min: 1, max: 8 });
  const example = fc.integer({ min: 2, max: 6 }).chain((classes) =>
    fc.record({
      classes: fc.constant(classes),
      images: fc.array(
        fc.tuple(fc.nat(classes - 1), fc.array(cell, { minLength: classes, maxLength: classes })),
        { minLength: 1, maxLength: 40 },
      ),
      bins: fc.integer({ min: 1, max: 20 }),
    }),
  );
  fc.assert(
    fc.property(example, ({ classes, images, bins }) => {
      const rows = images.map(([label, weights]) => {
        const sum = weights.reduce((a, b) => a + b, 0);
        const own = weights.map((weight) => Math.fround(weight / sum));
        const predicted = own.indexOf(Math.max(...own));
        return { label, own, predicted, confidence: own[predicted]! };
      });
      const report = classificationReport(
        rows.map(({ label }) => label),
        Float32Array.from(rows.flatMap(({ own }) => own)),
        { bins },
      );
      report.classes.forEach(({ precision, recall, f1 }, c) => {
        const both = rows.filter(({ label, predicted }) => label === c && predicted === c).length;
        const answered = rows.filter(({ predicted }) => predicted === c).length;
        const shown = rows.filter(({ label }) => label === c).length;
        expect(precision).toBeCloseTo(answered ? both / answered : 0, 12);
        expect(recall).toBeCloseTo(shown ? both / shown : 0, 12);
        expect(f1).toBeCloseTo(both ? (2 * precision * recall) / (precision + recall) : 0, 12);
      });
      report.topKAccuracy.forEach((accuracy, k) => {
        const within = rows.filter(({ label, own }) => {
          const order = [...own.keys()].sort((a, b) => own[b]! - own[a]! || a - b);
          return order.indexOf(label) <= k;
        });
        expect(accuracy).toBeCloseTo(within.length / rows.length, 12);
      });
      expect(report.topKAccuracy).toHaveLength(Math.min(5, classes));
      let error = 0;
      for (let bin = 0; bin < bins; bin++) {
        const inside = rows.filter(
          ({ confidence }) => confidence * bins > bin && confidence * bins <= bin + 1,
        );
        expect(report.calibration.bins[bin]!.count).toBe(inside.length);
        const gap = inside.reduce(
          (sum, { confidence, label, predicted }) => sum + confidence - Number(label === predicted),
          0,
        );
        error += Math.abs(gap) / rows.length;
      }
      expect(report.calibration.expectedCalibrationError).toBeCloseTo(error, 12);
      const wrong = rows.filter(({ label, predicted }) => label !== predicted);
      expect(report.mistakes.map(({ probability }) => probability)).toEqual(
        wrong.map(({ confidence }) => confidence).sort((a, b) => b - a),
      );
    }),
  );
});

describe('classificationReport refuses', () => {
  it.each<[string, number[], number[], object, RegExp]>([
    ['no labels', [], [], {}, /no labels/],
    ['too few probabilities', [0, 1], [1, 0, 1], {}, /3 probabilities .* 2 labels: give \[count, classes\]/],
    ['other classes than names', [0], [1, 0], { classNames: ['a'] }, /as there are classes, 1/],
    ['a label too large', [2], [1, 0], {}, /labels\[0\] is 2, but the classes are 0 to 1/],
    ['a label that is no index', [0, 0.5], [1, 0, 0, 1], {}, /labels\[1\] is 0.5/],
    ['what is no number', [0], [NaN, 1], {}, /probabilities\[0\] is NaN.*softmax/],
    ['what is no probability', [0], [0, 1.5], {}, /probabilities\[1\] is 1.5/],
    ['no bins', [0], [1, 0], { bins: 0 }, /bins must be a whole number of at least 1, not 0/],
    ['a fraction of mistakes', [0], [1, 0], { mistakes: 1.5 }, /mistakes must be a whole number/],
  ])('%s', (_, given, values, options, message) => {
    expect(() => classificationReport(given, values, options)).toThrow(OptionError);
    expect(() => classificationReport(given, values, options)).toThrow(message);
  });
});
