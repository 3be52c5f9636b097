/**
 * The binary cross-entropy of every output, from logits or from probabilities, as Keras computes it: values in float32,
 * their sum in float64. IEEE operations only, in every tier.
 */
import { clamp, exp, loadPart, log, log1pUpToOne, storePart, twice } from '../activation/vectorMath';
import { lanesWithin, promotedSum, sumOfPair, weightOf } from '../rows';

/** Keras' epsilon, and 1 minus it, as float32. */
const LOWEST: f32 = 1e-7;
const HIGHEST: f32 = <f32>(1 - 1e-7);

/**
 * The mean over a row's outputs of max(x, 0) − x · target + ln(1 + e^−|x|): the binary cross-entropy of sigmoid(x).
 * @param predictions   [rows, outputs] logits
 * @param targets       [rows, outputs], replaced by target · (1 − labelSmoothing) + labelSmoothing / 2
 * @param scale         what each gradient is multiplied by: 1 / rows for the mean loss
 * @param weights       [rows / rowsPerImage] float32, which losses and gradients are multiplied by, or 0
 * @param dPredictions  [rows, outputs], or 0 where no gradient is wanted
 * @param losses        [rows] f64
 * @param begin,end  a share of the rows
 */
export function sigmoidCrossEntropy(
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
  const keep = f32x4.splat(<f32>(1 - labelSmoothing));
  const share = f32x4.splat(<f32>(labelSmoothing / 2));
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  for (let row = begin; row < end; row++) {
    const from = predictions + <usize>row * rowBytes;
    const wanted = targets + <usize>row * rowBytes;
    const to = dPredictions + <usize>row * rowBytes;
    const weight = weightOf(weights, row, rowsPerImage) / outputs;
    const factor = f32x4.splat(<f32>(<f64>scale * weight));
    let sums = f64x2.splat(0);
    for (let i: usize = 0; i < rowBytes; i += 16) {
      const left = rowBytes - i;
      const x = loadPart(from + i, left, zero);
      const target = twice(loadPart(wanted + i, left, zero), keep, share);
      const e = exp(f32x4.neg(f32x4.abs(x)));
      const linear = f32x4.sub(f32x4.pmax(x, zero), f32x4.mul(x, target));
      const loss = f32x4.add(linear, log1pUpToOne(e));
      sums = f64x2.add(sums, promotedSum(v128.and(loss, lanesWithin(left))));
      if (dPredictions) {
        const p = f32x4.div(v128.bitselect(e, one, f32x4.lt(x, zero)), f32x4.add(one, e));
        storePart(to + i, f32x4.mul(f32x4.sub(p, target), factor), left);
      }
    }
    store<f64>(losses + ((<usize>row) << 3), sumOfPair(sums) * weight);
  }
}

/**
 * The mean over a row's outputs of −target · ln p − (1 − target) · ln(1 − p), p clipped to [1e-7, 1 − 1e-7]. The gradient
 * is 0 where p has been clipped.
 * @param predictions   [rows, outputs] probabilities
 * @param targets       [rows, outputs], replaced by target · (1 − labelSmoothing) + labelSmoothing / 2
 * @param scale,weights,dPredictions,losses  as in {@link sigmoidCrossEntropy}
 * @param begin,end  a share of the rows
 */
export function binaryCrossEntropy(
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
  const keep = f32x4.splat(<f32>(1 - labelSmoothing));
  const share = f32x4.splat(<f32>(labelSmoothing / 2));
  const half = f32x4.splat(0.5);
  const one = f32x4.splat(1);
  const lowest = f32x4.splat(LOWEST);
  const highest = f32x4.splat(HIGHEST);
  for (let row = begin; row < end; row++) {
    const from = predictions + <usize>row * rowBytes;
    const wanted = targets + <usize>row * rowBytes;
    const to = dPredictions + <usize>row * rowBytes;
    const weight = weightOf(weights, row, rowsPerImage) / outputs;
    const factor = f32x4.splat(<f32>(<f64>scale * weight));
    let sums = f64x2.splat(0);
    for (let i: usize = 0; i < rowBytes; i += 16) {
      const left = rowBytes - i;
      const x = loadPart(from + i, left, half);
      const target = twice(loadPart(wanted + i, left, half), keep, share);
      const p = clamp(x, LOWEST, HIGHEST);
      const q = f32x4.sub(one, p);
      const gain = twice(target, log(p), f32x4.mul(f32x4.sub(one, target), log(q)));
      sums = f64x2.sub(sums, promotedSum(v128.and(gain, lanesWithin(left))));
      if (dPredictions) {
        // (1 − target) / q − target / p
        const slope = f32x4.div(f32x4.sub(p, target), f32x4.mul(p, q));
        const clipped = v128.or(f32x4.lt(x, lowest), f32x4.gt(x, highest));
        storePart(to + i, f32x4.mul(v128.andnot(slope, clipped), factor), left);
      }
    }
    store<f64>(losses + ((<usize>row) << 3), sumOfPair(sums) * weight);
  }
}
