/** The losses with their kernels, their twins, and how far float32 may be from the truth. */
import { bytes, uniform } from '../reference/data.ts';
import * as twins from '../reference/losses.ts';
import { growth } from '../reference/tolerance.ts';

/** How far the loss of a row and its gradient may be off, before weights and scale. */
interface Bounds {
  readonly loss: number;
  readonly gradient: Float64Array;
}

export interface LossCase {
  readonly name: string;
  readonly kernel: string;
  /** The arguments between `outputs` and `scale`. */
  readonly parameters: readonly number[];
  readonly predictions: 'logits' | 'probabilities';
  readonly targets: 'classes' | 'distributions' | 'values';
  readonly twin: twins.Loss;
  readonly bounds: (predictions: Float64Array, targets: Float64Array) => Bounds;
}

/** Computed in float64: as many roundings as outputs, and a few. @param largest  of the terms */
const inDouble = (outputs: number, largest: number): number => (outputs + 16) * 2 ** -52 * (1 + largest);

function softmaxBounds(predictions: Float64Array): Bounds {
  const { length } = predictions;
  const range = Math.max(...predictions) - Math.min(...predictions) + Math.log(length);
  return { loss: inDouble(length, range), gradient: predictions.map(() => inDouble(length, 1)) };
}

/** Also where terms cancel, nothing is larger than the largest of targets / p, p divided by the sum or not. */
function crossEntropyBounds(predictions: Float64Array, targets: Float64Array): Bounds {
  const { length } = predictions;
  const total = predictions.reduce((sum, value) => sum + value, 0);
  const largest = Math.max(1, 1 / total) / Math.min(...predictions.map((x) => Math.max(x, 1e-7)));
  const sum = targets.reduce((all, value) => all + value, 0);
  return {
    loss: inDouble(length, 20 * Math.max(1, sum)),
    gradient: predictions.map(() => inDouble(length, largest)),
  };
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Smoothed targets, products, exp, log1p and differences: some roundings of |x|, |x · target| and ln(1 + e^−|x|). */
function sigmoidBounds(predictions: Float64Array, targets: Float64Array): Bounds {
  const { length } = predictions;
  return {
    loss: mean(predictions.map((x, i) => growth(8) * (Math.abs(x) * (1 + Math.abs(targets[i]!)) + 1))),
    gradient: predictions.map(
      (x, i) => (growth(12) * (1 / (1 + Math.exp(-x)) + targets[i]! + 0.05)) / length,
    ),
  };
}

/** 1 − p is rounded, which ln(1 − p) feels absolutely; both logarithms are within 3 ulp. */
function binaryBounds(predictions: Float64Array, targets: Float64Array): Bounds {
  const { length } = predictions;
  const p = predictions.map((x) => Math.min(Math.max(x, twins.LOWEST), twins.HIGHEST));
  return {
    loss: mean(p.map((x) => growth(8) * (1 - Math.log(x) - Math.log(1 - x)))),
    gradient: p.map((x, i) => (growth(10) * (x + targets[i]! + 0.05)) / (x * (1 - x)) / length),
  };
}

/** The error is rounded once; what is made of it is relative to it. */
function errorBounds(twin: twins.Loss): LossCase['bounds'] {
  return (predictions, targets) => {
    const { loss, gradient } = twin(predictions, targets);
    return { loss: growth(3) * loss, gradient: gradient.map((d) => growth(2) * Math.abs(d)) };
  };
}

const DELTA = Math.fround(0.7);

function errors(name: string, kernel: string, parameters: readonly number[], twin: twins.Loss): LossCase {
  const bounds = errorBounds(twin);
  return { name, kernel, parameters, predictions: 'logits', targets: 'values', twin, bounds };
}

const smoothedCases = (smoothing: number): LossCase[] => {
  const softmax = { predictions: 'logits', twin: twins.softmaxCrossEntropyRow(smoothing) } as const;
  const divided = { predictions: 'probabilities', twin: twins.crossEntropyRow(smoothing) } as const;
  const clipped = { ...divided, twin: twins.clippedCrossEntropyRow(smoothing) };
  const parameters = [smoothing];
  const cases: Omit<LossCase, 'name'>[] = [
    { kernel: 'softmaxCrossEntropy', parameters, targets: 'classes', bounds: softmaxBounds, ...softmax },
    {
      kernel: 'softmaxCrossEntropyDense',
      parameters,
      targets: 'distributions',
      bounds: softmaxBounds,
      ...softmax,
    },
    {
      kernel: 'crossEntropy',
      parameters: [smoothing, 0],
      targets: 'classes',
      bounds: crossEntropyBounds,
      ...divided,
    },
    {
      kernel: 'crossEntropy',
      parameters: [smoothing, 1],
      targets: 'classes',
      bounds: crossEntropyBounds,
      ...clipped,
    },
    {
      kernel: 'crossEntropyDense',
      parameters,
      targets: 'distributions',
      bounds: crossEntropyBounds,
      ...divided,
    },
    {
      kernel: 'sigmoidCrossEntropy',
      parameters,
      predictions: 'logits',
      targets: 'distributions',
      twin: twins.sigmoidCrossEntropyRow(smoothing),
      bounds: sigmoidBounds,
    },
    {
      kernel: 'binaryCrossEntropy',
      parameters,
      predictions: 'probabilities',
      targets: 'distributions',
      twin: twins.binaryCrossEntropyRow(smoothing),
      bounds: binaryBounds,
    },
  ];
  return cases.map((loss) => ({ ...loss, name: `${loss.kernel}(${loss.parameters.join(', ')})` }));
};

export const LOSS_CASES: readonly LossCase[] = [
  ...smoothedCases(0),
  ...smoothedCases(0.1),
  errors('meanSquaredError', 'meanSquaredError', [], twins.squaredErrorRow),
  errors('meanAbsoluteError', 'meanAbsoluteError', [], twins.absoluteErrorRow),
  errors('huber', 'huber', [DELTA], twins.huberRow(DELTA)),
];

export const lossCase = (name: string): LossCase => LOSS_CASES.find((loss) => loss.name === name)!;

/** Predictions and targets as a kernel is given them. */
export interface LossData {
  readonly outputs: number;
  readonly predictions: Float32Array;
  readonly targets: Float32Array | Int32Array;
}

/** Numbers for a case: a third of the probabilities are 0, 1 or beyond the bounds. */
export function lossData(loss: LossCase, rows: number, outputs: number): LossData {
  const length = rows * outputs;
  const logits = uniform(`${loss.kernel} predictions`, length, -4, 4);
  const rest = loss.kernel.startsWith('cross') ? [0.3, 0, 1e-8] : [0, 1, 1e-8];
  const probabilities = uniform(`${loss.kernel} probabilities`, length, 0.01, 0.99).map((p, i) =>
    i % 9 < 3 && outputs > 1 ? rest[i % 3]! : p,
  );
  const predictions = loss.predictions === 'logits' ? logits : probabilities;
  if (loss.targets === 'classes') {
    return { outputs, predictions, targets: Int32Array.from(bytes('classes', rows, Math.min(outputs, 256))) };
  }
  const values = uniform(`${loss.kernel} targets`, length, 0, 1);
  if (loss.targets === 'distributions') {
    // Soft, and every other one hard.
    return { outputs, predictions, targets: values.map((value, i) => (i % 2 ? Math.round(value) : value)) };
  }
  // Some are met exactly.
  return { outputs, predictions, targets: values.map((value, i) => (i % 5 ? 4 * value - 2 : logits[i]!)) };
}

/** The targets of every output. */
export function denseTargets({ outputs, targets }: LossData): Float64Array {
  if (targets instanceof Float32Array) return Float64Array.from(targets);
  return Float64Array.from([...targets].flatMap((target) => [...twins.oneHot(target, outputs)]));
}
