/** Losses of the error e = prediction − target, output by output: mean squared, mean absolute, Huber. */
import { clamp, loadPart, storePart, withSign } from '../activation/vectorMath';
import { promoteUpper, sumOfPair, weightOf } from '../rows';

/**
 * The mean of e² over a row's outputs.
 * @param predictions,targets  [rows, outputs]
 * @param scale         what each gradient is multiplied by: 1 / rows for the mean loss
 * @param weights       [rows / rowsPerImage] float32, which losses and gradients are multiplied by, or 0
 * @param dPredictions  [rows, outputs], or 0 where no gradient is wanted
 * @param losses        [rows] f64
 * @param begin,end  a share of the rows
 */
export function meanSquaredError(
  predictions: usize,
  targets: usize,
  outputs: i32,
  scale: f32,
  rowsPerImage: i32,
  weights: usize,
  dPredictions: usize,
  losses: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && outputs > 0 && rowsPerImage > 0);
  for (let row = begin; row < end; row++) {
    const weight = weightOf(weights, row, rowsPerImage) / outputs;
    const sum = errorsOfRow<Squared>(predictions, targets, outputs, row, 0, scale, weight, dPredictions);
    store<f64>(losses + ((<usize>row) << 3), sum * weight);
  }
}

/**
 * The mean of |e| over a row's outputs; its derivative is the sign of e, 0 at 0.
 * @param predictions,targets,scale,weights,dPredictions,losses  as in {@link meanSquaredError}
 * @param begin,end  a share of the rows
 */
export function meanAbsoluteError(
  predictions: usize,
  targets: usize,
  outputs: i32,
  scale: f32,
  rowsPerImage: i32,
  weights: usize,
  dPredictions: usize,
  losses: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && outputs > 0 && rowsPerImage > 0);
  for (let row = begin; row < end; row++) {
    const weight = weightOf(weights, row, rowsPerImage) / outputs;
    const sum = errorsOfRow<Absolute>(predictions, targets, outputs, row, 0, scale, weight, dPredictions);
    store<f64>(losses + ((<usize>row) << 3), sum * weight);
  }
}

/**
 * The mean over a row's outputs of e² / 2 where |e| ≤ delta and delta · (|e| − delta / 2) beyond.
 * @param predictions,targets,scale,weights,dPredictions,losses  as in {@link meanSquaredError}
 * @param begin,end  a share of the rows
 */
export function huber(
  predictions: usize,
  targets: usize,
  outputs: i32,
  delta: f32,
  scale: f32,
  rowsPerImage: i32,
  weights: usize,
  dPredictions: usize,
  losses: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && outputs > 0 && rowsPerImage > 0 && delta > 0);
  for (let row = begin; row < end; row++) {
    const weight = weightOf(weights, row, rowsPerImage) / outputs;
    const sum = errorsOfRow<Huber>(predictions, targets, outputs, row, delta, scale, weight, dPredictions);
    store<f64>(losses + ((<usize>row) << 3), sum * weight);
  }
}

/** Σ value(e) over a row, and its gradient slope(e) · scale · weight. */
function errorsOfRow<Kind>(
  predictions: usize,
  targets: usize,
  outputs: i32,
  row: i32,
  delta: f32,
  scale: f32,
  weight: f64,
  dPredictions: usize,
): f64 {
  const rowBytes = (<usize>outputs) << 2;
  const offset = <usize>row * rowBytes;
  const from = predictions + offset;
  const wanted = targets + offset;
  const to = dPredictions + offset;
  const zero = f32x4.splat(0);
  const factor = f32x4.splat(<f32>(<f64>scale * weight));
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  const kind = changetype<Kind>(0);
  const vectorBytes = rowBytes & ~15;
  let i: usize = 0;
  for (; i < vectorBytes; i += 16) {
    const e = f32x4.sub(v128.load(from + i), v128.load(wanted + i));
    low = f64x2.add(low, kind.value(f64x2.promote_low_f32x4(e), delta));
    high = f64x2.add(high, kind.value(promoteUpper(e), delta));
    if (dPredictions) v128.store(to + i, f32x4.mul(kind.slope(e, delta), factor));
  }
  if (i < rowBytes) {
    const left = rowBytes - i;
    // Behind the row the error is 0.
    const e = f32x4.sub(loadPart(from + i, left, zero), loadPart(wanted + i, left, zero));
    low = f64x2.add(low, kind.value(f64x2.promote_low_f32x4(e), delta));
    high = f64x2.add(high, kind.value(promoteUpper(e), delta));
    if (dPredictions) storePart(to + i, f32x4.mul(kind.slope(e, delta), factor), left);
  }
  return sumOfPair(f64x2.add(low, high));
}

/** Each kind: the value of two float64 errors, the slope of four float32 errors. Classes without instances. */
@unmanaged
class Squared {
  @inline
  value(e: v128, delta: f32): v128 {
    return f64x2.mul(e, e);
  }

  @inline
  slope(e: v128, delta: f32): v128 {
    return f32x4.add(e, e);
  }
}

@unmanaged
class Absolute {
  @inline
  value(e: v128, delta: f32): v128 {
    return f64x2.abs(e);
  }

  @inline
  slope(e: v128, delta: f32): v128 {
    // 0 stays 0, NaN stays NaN.
    const some = f32x4.gt(f32x4.abs(e), f32x4.splat(0));
    return v128.bitselect(withSign(f32x4.splat(1), e), e, some);
  }
}

@unmanaged
class Huber {
  @inline
  value(e: v128, delta: f32): v128 {
    const size = f64x2.abs(e);
    const near = f64x2.pmin(size, f64x2.splat(<f64>delta));
    return f64x2.mul(near, f64x2.sub(size, f64x2.mul(near, f64x2.splat(0.5))));
  }

  @inline
  slope(e: v128, delta: f32): v128 {
    return clamp(e, -delta, delta);
  }
}
