/**
 * The cross-entropy of probabilities that no softmax made, as Keras computes it: clipped, in float64 inside. Whoever has
 * logits takes softmaxCrossEntropy.
 */
import { logPositive, logPositives } from '../math';
import { loadPair, storePair, sumOfPair, weightOf, withinPair } from '../rows';
import { smooth } from './softmaxCrossEntropy';

/** Keras clips float32 with its epsilon, 1e-7: these are the float32 values. */
const LOWEST: f64 = <f64>(<f32>1e-7);
const HIGHEST: f64 = <f64>(<f32>(1 - 1e-7));

/**
 * −Σ target · ln p with class targets. p is the prediction divided by the row's sum and then clipped to [1e-7, 1 − 1e-7],
 * as Keras does for "categorical_crossentropy", or first clipped and then divided, as for its sparse twin. The gradient
 * is 0 where a prediction has been clipped, but for what goes through the sum.
 * @param predictions   [rows, outputs], not negative
 * @param targets       [rows] i32, for (1 − labelSmoothing) · onehot + labelSmoothing / outputs
 * @param clipFirst     1 or 0: see above
 * @param scale         what each gradient is multiplied by: 1 / rows for the mean loss
 * @param weights       [rows / rowsPerImage] float32, which losses and gradients are multiplied by, or 0
 * @param dPredictions  [rows, outputs], or 0 where no gradient is wanted
 * @param losses        [rows] f64
 * @param begin,end  a share of the rows
 */
export function crossEntropy(
  predictions: usize,
  targets: usize,
  outputs: i32,
  labelSmoothing: f64,
  clipFirst: i32,
  scale: f32,
  rowsPerImage: i32,
  weights: usize,
  dPredictions: usize,
  losses: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && outputs > 0 && rowsPerImage > 0);
  const rowBytes = (<usize>outputs) << 2;
  const keep = 1 - labelSmoothing;
  const share = labelSmoothing / outputs;
  for (let row = begin; row < end; row++) {
    const from = predictions + <usize>row * rowBytes;
    const target = load<i32>(targets + ((<usize>row) << 2));
    assert(target >= 0 && target < outputs);
    const ofTarget = <f64>load<f32>(from + ((<usize>target) << 2));
    const weight = weightOf(weights, row, rowsPerImage);
    const factor = <f64>scale * weight;
    const to = dPredictions ? dPredictions + <usize>row * rowBytes : 0;
    const sum = sumOf(from, rowBytes, clipFirst);
    let loss: f64;
    if (clipFirst) {
      loss = logPositive(sum) - keep * logPositive(clip(ofTarget));
      if (share != 0) loss -= share * sumOfLogs(from, rowBytes, 1);
      if (to) gradientOfClipped(from, to, rowBytes, sum, target, keep, share, factor);
    } else {
      loss = -keep * logPositive(clip(ofTarget / sum));
      if (share != 0) loss -= share * sumOfLogs(from, rowBytes, sum);
      if (to) gradientOfDivided(from, to, rowBytes, sum, target, keep, share, factor);
    }
    store<f64>(losses + ((<usize>row) << 3), loss * weight);
  }
}

/**
 * −Σ target · ln p with the targets of every class; p is the prediction divided by the row's sum and then clipped to
 * [1e-7, 1 − 1e-7].
 * @param predictions   [rows, outputs], not negative
 * @param targets       [rows, outputs], replaced by target · (1 − labelSmoothing) + labelSmoothing / outputs
 * @param scale,weights,dPredictions,losses  as in {@link crossEntropy}
 * @param begin,end  a share of the rows
 */
export function crossEntropyDense(
  predictions: usize,
  targets: usize,
  outputs: i32,
  labelSmoothing: f64,
  scale: f32,
  rowsPerImage: i32,
  weights: usize,
  dPredictions: usize,
  losses: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && outputs > 0 && rowsPerImage > 0);
  const rowBytes = (<usize>outputs) << 2;
  const keep = f64x2.splat(1 - labelSmoothing);
  const share = f64x2.splat(labelSmoothing / outputs);
  for (let row = begin; row < end; row++) {
    const from = predictions + <usize>row * rowBytes;
    const wanted = targets + <usize>row * rowBytes;
    const weight = weightOf(weights, row, rowsPerImage);
    const sums = f64x2.splat(sumOf(from, rowBytes, 0));
    let loss = f64x2.splat(0);
    // Σ of the targets that reach the gradient: those of predictions within the bounds.
    let reaching = f64x2.splat(0);
    for (let i: usize = 0; i < rowBytes; i += 8) {
      const left = rowBytes - i;
      const target = withinPair(smooth(loadPair(wanted + i, left, 0), keep, share), left);
      const p = f64x2.div(loadPair(from + i, left, 1), sums);
      loss = f64x2.sub(loss, f64x2.mul(target, logPositives(clipPair(p))));
      reaching = f64x2.add(reaching, v128.andnot(target, outside(p)));
    }
    store<f64>(losses + ((<usize>row) << 3), sumOfPair(loss) * weight);
    if (!dPredictions) continue;
    const to = dPredictions + <usize>row * rowBytes;
    const mean = f64x2.splat(sumOfPair(reaching));
    const factor = f64x2.div(f64x2.splat(<f64>scale * weight), sums);
    for (let i: usize = 0; i < rowBytes; i += 8) {
      const left = rowBytes - i;
      const target = smooth(loadPair(wanted + i, left, 0), keep, share);
      const p = f64x2.div(loadPair(from + i, left, 1), sums);
      const own = v128.andnot(f64x2.div(target, clipPair(p)), outside(p));
      storePair(to + i, f64x2.mul(f64x2.sub(mean, own), factor), left);
    }
  }
}

/** The gradient of ln Σ clipped − Σ target · ln clipped. */
function gradientOfClipped(
  from: usize,
  to: usize,
  rowBytes: usize,
  sum: f64,
  target: i32,
  keep: f64,
  share: f64,
  factor: f64,
): void {
  const whole = f64x2.splat(1 / sum);
  const factors = f64x2.splat(factor);
  for (let i: usize = 0; i < rowBytes; i += 8) {
    const x = loadPair(from + i, rowBytes - i, 1);
    const own = f64x2.div(targetsAt(i, target, keep, share), clipPair(x));
    const gradient = v128.andnot(f64x2.sub(whole, own), outside(x));
    storePair(to + i, f64x2.mul(gradient, factors), rowBytes - i);
  }
}

/** The gradient of −Σ target · ln clipped(prediction / sum). */
function gradientOfDivided(
  from: usize,
  to: usize,
  rowBytes: usize,
  sum: f64,
  target: i32,
  keep: f64,
  share: f64,
  factor: f64,
): void {
  const sums = f64x2.splat(sum);
  let reaching = f64x2.splat(0);
  for (let i: usize = 0; i < rowBytes; i += 8) {
    const left = rowBytes - i;
    const p = f64x2.div(loadPair(from + i, left, 1), sums);
    const wanted = withinPair(targetsAt(i, target, keep, share), left);
    reaching = f64x2.add(reaching, v128.andnot(wanted, outside(p)));
  }
  const mean = f64x2.splat(sumOfPair(reaching));
  const factors = f64x2.splat(factor / sum);
  for (let i: usize = 0; i < rowBytes; i += 8) {
    const p = f64x2.div(loadPair(from + i, rowBytes - i, 1), sums);
    const own = v128.andnot(f64x2.div(targetsAt(i, target, keep, share), clipPair(p)), outside(p));
    storePair(to + i, f64x2.mul(f64x2.sub(mean, own), factors), rowBytes - i);
  }
}

/** The targets of the two classes that begin at a byte of the row. */
// @ts-ignore: decorator
@inline
function targetsAt(byte: usize, target: i32, keep: f64, share: f64): v128 {
  const classes = i64x2.add(i64x2(0, 1), i64x2.splat(<i64>(byte >> 2)));
  const chosen = i64x2.eq(classes, i64x2.splat(<i64>target));
  return f64x2.add(v128.and(f64x2.splat(keep), chosen), f64x2.splat(share));
}

/** Σ of the predictions, clipped or as they are. */
function sumOf(from: usize, rowBytes: usize, clipped: i32): f64 {
  let sums = f64x2.splat(0);
  for (let i: usize = 0; i < rowBytes; i += 8) {
    const left = rowBytes - i;
    const x = loadPair(from + i, left, 0);
    sums = f64x2.add(sums, clipped ? withinPair(clipPair(x), left) : x);
  }
  return sumOfPair(sums);
}

/** Σ ln clipped(prediction / divisor) */
function sumOfLogs(from: usize, rowBytes: usize, divisor: f64): f64 {
  const divisors = f64x2.splat(divisor);
  let sums = f64x2.splat(0);
  for (let i: usize = 0; i < rowBytes; i += 8) {
    const left = rowBytes - i;
    const p = f64x2.div(loadPair(from + i, left, 1), divisors);
    sums = f64x2.add(sums, withinPair(logPositives(clipPair(p)), left));
  }
  return sumOfPair(sums);
}

/** x within the bounds; NaN stays. */
// @ts-ignore: decorator
@inline
function clip(x: f64): f64 {
  return x < LOWEST ? LOWEST : x > HIGHEST ? HIGHEST : x;
}

// @ts-ignore: decorator
@inline
function clipPair(x: v128): v128 {
  return f64x2.pmin(f64x2.pmax(x, f64x2.splat(LOWEST)), f64x2.splat(HIGHEST));
}

/** All bits where a value is beyond the bounds; a bound itself is not. */
// @ts-ignore: decorator
@inline
function outside(x: v128): v128 {
  return v128.or(f64x2.lt(x, f64x2.splat(LOWEST)), f64x2.gt(x, f64x2.splat(HIGHEST)));
}
