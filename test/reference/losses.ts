/**
 * The losses of Keras 3 in float64, row by row: rows of predictions, a loss for each, and the gradient of
 * Σ scale · loss. Bounds that Keras clips with are the float32 ones.
 */

/** The loss of one row and its gradient, before weights and scale. */
export interface RowLoss {
  readonly loss: number;
  readonly gradient: Float64Array;
}

export type Loss = (predictions: Float64Array, targets: Float64Array) => RowLoss;

export const LOWEST = Math.fround(1e-7);
export const HIGHEST = Math.fround(1 - 1e-7);

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
const clip = (x: number): number => (x < LOWEST ? LOWEST : x > HIGHEST ? HIGHEST : x);
const passes = (x: number): number => (x < LOWEST || x > HIGHEST ? 0 : 1);

/** (1 − smoothing) · target + smoothing / classes */
export function smoothed(targets: Float64Array, smoothing: number): Float64Array {
  return targets.map((target) => target * (1 - smoothing) + smoothing / targets.length);
}

export function oneHot(target: number, classes: number): Float64Array {
  return new Float64Array(classes).with(target, 1);
}

/** What is 0 times anything is nothing. */
const product = (target: number, log: number): number =>
  target === 0 && !Number.isNaN(log) ? 0 : target * log;

export function softmaxCrossEntropyRow(smoothing: number): Loss {
  return (logits, given) => {
    const targets = smoothed(given, smoothing);
    const largest = Math.max(...logits);
    const exponentials = logits.map((x) => Math.exp(x - largest));
    const total = sum(exponentials);
    const whole = sum(targets);
    const logs = logits.map((x) => x - largest - Math.log(total));
    return {
      loss: -sum(targets.map((target, c) => product(target, logs[c]!))),
      gradient: targets.map((target, c) => (exponentials[c]! / total) * whole - target),
    };
  };
}

/** "categorical_crossentropy" of probabilities: divided by their sum, then clipped. */
export function crossEntropyRow(smoothing: number): Loss {
  return (predictions, given) => {
    const targets = smoothed(given, smoothing);
    const total = sum(predictions);
    const p = predictions.map((x) => x / total);
    const dp = p.map((x, c) => (-targets[c]! / clip(x)) * passes(x));
    const mean = sum(dp.map((d, c) => d * p[c]!));
    return {
      loss: -sum(targets.map((target, c) => target * Math.log(clip(p[c]!)))),
      gradient: dp.map((d) => (d - mean) / total),
    };
  };
}

/** "sparse_categorical_crossentropy" of probabilities: clipped, then through log and softmax, which divides by the sum. */
export function clippedCrossEntropyRow(smoothing: number): Loss {
  return (predictions, given) => {
    const targets = smoothed(given, smoothing);
    const clipped = predictions.map(clip);
    const total = sum(clipped);
    return {
      loss: -sum(targets.map((target, c) => target * Math.log(clipped[c]! / total))),
      gradient: targets.map((target, c) => (1 / total - target / clipped[c]!) * passes(predictions[c]!)),
    };
  };
}

/** A loss that is a mean over outputs of a function with a derivative. */
function meanOf(
  value: (prediction: number, target: number) => number,
  slope: (prediction: number, target: number) => number,
): Loss {
  return (predictions, targets) => ({
    loss: sum(predictions.map((x, i) => value(x, targets[i]!))) / predictions.length,
    gradient: predictions.map((x, i) => slope(x, targets[i]!) / predictions.length),
  });
}

export function sigmoidCrossEntropyRow(smoothing: number): Loss {
  const smooth = (target: number): number => target * (1 - smoothing) + smoothing / 2;
  return meanOf(
    (x, target) => Math.max(x, 0) - x * smooth(target) + Math.log1p(Math.exp(-Math.abs(x))),
    (x, target) => 1 / (1 + Math.exp(-x)) - smooth(target),
  );
}

export function binaryCrossEntropyRow(smoothing: number): Loss {
  const smooth = (target: number): number => target * (1 - smoothing) + smoothing / 2;
  return meanOf(
    (x, target) => -smooth(target) * Math.log(clip(x)) - (1 - smooth(target)) * Math.log(1 - clip(x)),
    (x, target) => ((1 - smooth(target)) / (1 - clip(x)) - smooth(target) / clip(x)) * passes(x),
  );
}

export const squaredErrorRow = meanOf(
  (x, target) => (x - target) ** 2,
  (x, target) => 2 * (x - target),
);

export const absoluteErrorRow = meanOf(
  (x, target) => Math.abs(x - target),
  (x, target) => Math.sign(x - target),
);

export function huberRow(delta: number): Loss {
  return meanOf(
    (x, target) => {
      const size = Math.abs(x - target);
      return size <= delta ? size ** 2 / 2 : delta * size - delta ** 2 / 2;
    },
    (x, target) => {
      const e = x - target;
      return Math.abs(e) <= delta ? e : delta * Math.sign(e);
    },
  );
}

export interface Batch {
  /** [rows, outputs] */
  readonly predictions: Float64Array;
  /** [rows, outputs], also for class targets. */
  readonly targets: Float64Array;
  readonly outputs: number;
  readonly rowsPerImage: number;
  /** [rows / rowsPerImage] */
  readonly weights: Float64Array | undefined;
  readonly scale: number;
}

/** A loss of all rows. */
export function lossOf(
  loss: Loss,
  { predictions, targets, outputs, rowsPerImage, weights, scale }: Batch,
): { readonly losses: Float64Array; readonly dPredictions: Float64Array } {
  const rows = predictions.length / outputs;
  const losses = new Float64Array(rows);
  const dPredictions = new Float64Array(predictions.length);
  for (let row = 0; row < rows; row++) {
    const [begin, end] = [row * outputs, (row + 1) * outputs];
    const { loss: value, gradient } = loss(predictions.subarray(begin, end), targets.subarray(begin, end));
    const weight = weights ? weights[Math.floor(row / rowsPerImage)]! : 1;
    losses[row] = value * weight;
    dPredictions.set(
      gradient.map((d) => d * scale * weight),
      begin,
    );
  }
  return { losses, dPredictions };
}
