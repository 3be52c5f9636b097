/**
 * Softmax, alone and fused with the cross-entropy, in float64 inside. The order of every sum is fixed: two classes at a
 * time have the bits that one at a time would have.
 */
import { expNonPositives, logPositive } from '../math';
import { firstOf, largestOf, loadPair, storePair, sumOfPair, weightOf, withinPair } from '../rows';

/**
 * @param logits         [batch, classes]
 * @param probabilities  [batch, classes]
 * @param begin,end      a share of the batch
 */
export function softmaxForward(
  logits: usize,
  classes: i32,
  probabilities: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && classes > 0);
  const rowBytes = (<usize>classes) << 2;
  for (let row = begin; row < end; row++) {
    const from = logits + <usize>row * rowBytes;
    const to = probabilities + <usize>row * rowBytes;
    const largest = <f64>largestOf(from, rowBytes);
    const shift = f64x2.splat(largest);
    const sums = f64x2.splat(sumOfExponentials(from, rowBytes, largest));
    for (let i: usize = 0; i < rowBytes; i += 8) {
      const left = rowBytes - i;
      const e = expNonPositives(f64x2.sub(loadPair(from + i, left, -Infinity), shift));
      storePair(to + i, f64x2.div(e, sums), left);
    }
  }
}

/**
 * The cross-entropy of the softmax with class targets, its gradient, and whether the largest logit is the target's (the
 * first of equals counts as the largest; where a logit is no number nothing is predicted).
 *
 * A row is an image, or a pixel of one: targets are (1 − labelSmoothing) · onehot + labelSmoothing / outputs.
 * @param predictions   [rows, outputs] logits
 * @param targets       [rows] i32
 * @param scale         what each gradient is multiplied by: 1 / rows for the mean loss
 * @param weights       [rows / rowsPerImage] float32, which losses and gradients are multiplied by, or 0
 * @param dPredictions  [rows, outputs], or 0 where no gradient is wanted
 * @param losses        [rows] f64
 * @param correct       [rows] f64, 0 or 1, whatever the weights; or 0 where it is not wanted
 * @param begin,end  a share of the rows
 */
export function softmaxCrossEntropy(
  predictions: usize,
  targets: usize,
  outputs: i32,
  labelSmoothing: f64,
  scale: f32,
  rowsPerImage: i32,
  weights: usize,
  dPredictions: usize,
  losses: usize,
  correct: usize,
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
    const largest = largestOf(from, rowBytes);
    const sum = sumOfExponentials(from, rowBytes, largest);
    const weight = weightOf(weights, row, rowsPerImage);
    const ofTarget = <f64>load<f32>(from + ((<usize>target) << 2)) - <f64>largest;
    let loss = logPositive(sum) - keep * ofTarget;
    if (share != 0) loss -= share * sumOfDifferences(from, rowBytes, largest);
    store<f64>(losses + ((<usize>row) << 3), loss * weight);
    if (correct) {
      const right = sum == sum && firstOf(from, rowBytes, largest) == target;
      store<f64>(correct + ((<usize>row) << 3), <f64>i32(right));
    }
    if (!dPredictions) continue;
    const to = dPredictions + <usize>row * rowBytes;
    gradientOfClass(from, to, rowBytes, largest, sum, target, keep + share, share, <f64>scale * weight);
  }
}

/**
 * The cross-entropy of the softmax with the targets of every class, and its gradient. Where a row's targets do not add up
 * to 1 this is the gradient of the loss, which TensorFlow's is not. A target of 0 adds nothing, however impossible.
 * @param predictions   [rows, outputs] logits
 * @param targets       [rows, outputs], replaced by target · (1 − labelSmoothing) + labelSmoothing / outputs
 * @param scale,weights,dPredictions,losses  as in {@link softmaxCrossEntropy}
 * @param begin,end  a share of the rows
 */
export function softmaxCrossEntropyDense(
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
    const largest = <f64>largestOf(from, rowBytes);
    const sum = sumOfExponentials(from, rowBytes, largest);
    const weight = weightOf(weights, row, rowsPerImage);
    const shift = f64x2.splat(largest);
    const logs = f64x2.splat(logPositive(sum));
    let total = f64x2.splat(0);
    let loss = f64x2.splat(0);
    for (let i: usize = 0; i < rowBytes; i += 8) {
      const left = rowBytes - i;
      const target = withinPair(smooth(loadPair(wanted + i, left, 0), keep, share), left);
      const x = f64x2.sub(loadPair(from + i, left, 0), shift);
      total = f64x2.add(total, target);
      const term = f64x2.mul(target, f64x2.sub(logs, x));
      // 0 · ∞ is 0 here; but a sum that is no number stays.
      const nothing = v128.and(f64x2.eq(target, f64x2.splat(0)), f64x2.eq(logs, logs));
      loss = f64x2.add(loss, v128.andnot(term, nothing));
    }
    store<f64>(losses + ((<usize>row) << 3), sumOfPair(loss) * weight);
    if (!dPredictions) continue;
    const to = dPredictions + <usize>row * rowBytes;
    const ratio = f64x2.splat(sumOfPair(total));
    const sums = f64x2.splat(sum);
    const factor = f64x2.splat(<f64>scale * weight);
    for (let i: usize = 0; i < rowBytes; i += 8) {
      const left = rowBytes - i;
      const target = smooth(loadPair(wanted + i, left, 0), keep, share);
      const e = expNonPositives(f64x2.sub(loadPair(from + i, left, -Infinity), shift));
      const gradient = f64x2.sub(f64x2.mul(f64x2.div(e, sums), ratio), target);
      storePair(to + i, f64x2.mul(gradient, factor), left);
    }
  }
}

/** (probability − target) · factor, where the target is `onTarget` for one class and `elsewhere` for the others. */
function gradientOfClass(
  from: usize,
  to: usize,
  rowBytes: usize,
  largest: f64,
  sum: f64,
  target: i32,
  onTarget: f64,
  elsewhere: f64,
  factor: f64,
): void {
  const shift = f64x2.splat(largest);
  const sums = f64x2.splat(sum);
  const factors = f64x2.splat(factor);
  const chosen = i64x2.splat(<i64>target);
  const one = f64x2.splat(onTarget);
  const other = f64x2.splat(elsewhere);
  let classes = i64x2(0, 1);
  for (let i: usize = 0; i < rowBytes; i += 8) {
    const left = rowBytes - i;
    const e = expNonPositives(f64x2.sub(loadPair(from + i, left, -Infinity), shift));
    const targets = v128.bitselect(one, other, i64x2.eq(classes, chosen));
    storePair(to + i, f64x2.mul(f64x2.sub(f64x2.div(e, sums), targets), factors), left);
    classes = i64x2.add(classes, i64x2.splat(2));
  }
}

/** target · keep + share */
// @ts-ignore: decorator
@inline
export function smooth(target: v128, keep: v128, share: v128): v128 {
  return f64x2.add(f64x2.mul(target, keep), share);
}

function sumOfExponentials(from: usize, rowBytes: usize, largest: f64): f64 {
  const shift = f64x2.splat(largest);
  let sum: f64 = 0;
  for (let i: usize = 0; i < rowBytes; i += 8) {
    const e = expNonPositives(f64x2.sub(loadPair(from + i, rowBytes - i, -Infinity), shift));
    // One class after the other; what is behind the row adds 0.
    sum += f64x2.extract_lane(e, 0);
    sum += f64x2.extract_lane(e, 1);
  }
  return sum;
}

/** Σ (logit − largest) */
function sumOfDifferences(from: usize, rowBytes: usize, largest: f64): f64 {
  const shift = f64x2.splat(largest);
  let sums = f64x2.splat(0);
  for (let i: usize = 0; i < rowBytes; i += 8) {
    const left = rowBytes - i;
    sums = f64x2.add(sums, withinPair(f64x2.sub(loadPair(from + i, left, 0), shift), left));
  }
  return sumOfPair(sums);
}
