/**
 * Whether the class of a row is right, as 1 or 0 times the weight of its image. Predictions are logits or probabilities;
 * the class of a row is the first of its largest values, and where a value is no number there is none.
 */
import { loadPart } from '../activation/vectorMath';
import { allNumbers, firstOf, largestOf, sumOfCounts, weightOf } from '../rows';

/**
 * @param predictions  [rows, outputs]
 * @param targets      [rows] i32
 * @param weights      [rows / rowsPerImage] float32, or 0
 * @param values       [rows] f64
 * @param begin,end  a share of the rows
 */
export function sparseCategoricalAccuracy(
  predictions: usize,
  targets: usize,
  outputs: i32,
  rowsPerImage: i32,
  weights: usize,
  values: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && outputs > 0 && rowsPerImage > 0);
  const rowBytes = (<usize>outputs) << 2;
  for (let row = begin; row < end; row++) {
    const target = load<i32>(targets + ((<usize>row) << 2));
    const right = predicted(predictions + <usize>row * rowBytes, rowBytes) == target;
    store<f64>(values + ((<usize>row) << 3), <f64>i32(right) * weightOf(weights, row, rowsPerImage));
  }
}

/**
 * @param predictions,targets  [rows, outputs]: a target's class is the first of its largest values
 * @param weights,values  as in {@link sparseCategoricalAccuracy}
 * @param begin,end  a share of the rows
 */
export function categoricalAccuracy(
  predictions: usize,
  targets: usize,
  outputs: i32,
  rowsPerImage: i32,
  weights: usize,
  values: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && outputs > 0 && rowsPerImage > 0);
  const rowBytes = (<usize>outputs) << 2;
  for (let row = begin; row < end; row++) {
    const target = predicted(targets + <usize>row * rowBytes, rowBytes);
    const right = target >= 0 && predicted(predictions + <usize>row * rowBytes, rowBytes) == target;
    store<f64>(values + ((<usize>row) << 3), <f64>i32(right) * weightOf(weights, row, rowsPerImage));
  }
}

/**
 * Whether fewer than k values are larger than the target's; never where a value is infinite or no number, as in
 * TensorFlow's in_top_k.
 * @param predictions,targets,weights,values  as in {@link sparseCategoricalAccuracy}
 * @param begin,end  a share of the rows
 */
export function sparseTopKCategoricalAccuracy(
  predictions: usize,
  targets: usize,
  outputs: i32,
  k: i32,
  rowsPerImage: i32,
  weights: usize,
  values: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && outputs > 0 && rowsPerImage > 0);
  const rowBytes = (<usize>outputs) << 2;
  for (let row = begin; row < end; row++) {
    const target = load<i32>(targets + ((<usize>row) << 2));
    assert(target >= 0 && target < outputs);
    const right = amongLargest(predictions + <usize>row * rowBytes, rowBytes, target, k);
    store<f64>(values + ((<usize>row) << 3), <f64>i32(right) * weightOf(weights, row, rowsPerImage));
  }
}

/**
 * {@link sparseTopKCategoricalAccuracy} of the targets' classes.
 * @param predictions,targets,weights,values  as in {@link categoricalAccuracy}
 * @param begin,end  a share of the rows
 */
export function topKCategoricalAccuracy(
  predictions: usize,
  targets: usize,
  outputs: i32,
  k: i32,
  rowsPerImage: i32,
  weights: usize,
  values: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && outputs > 0 && rowsPerImage > 0);
  const rowBytes = (<usize>outputs) << 2;
  for (let row = begin; row < end; row++) {
    const target = predicted(targets + <usize>row * rowBytes, rowBytes);
    const right = target >= 0 && amongLargest(predictions + <usize>row * rowBytes, rowBytes, target, k);
    store<f64>(values + ((<usize>row) << 3), <f64>i32(right) * weightOf(weights, row, rowsPerImage));
  }
}

/** The class of a row, or −1. */
function predicted(from: usize, rowBytes: usize): i32 {
  return allNumbers(from, rowBytes) ? firstOf(from, rowBytes, largestOf(from, rowBytes)) : -1;
}

function amongLargest(from: usize, rowBytes: usize, target: i32, k: i32): bool {
  const least = f32x4.splat(load<f32>(from + ((<usize>target) << 2)));
  const nothing = f32x4.splat(-f32.MAX_VALUE);
  const infinity = f32x4.splat(Infinity);
  let larger = i32x4.splat(0);
  let finite = i32x4.splat(-1);
  for (let i: usize = 0; i < rowBytes; i += 16) {
    const four = loadPart(from + i, rowBytes - i, nothing);
    larger = i32x4.sub(larger, f32x4.gt(four, least));
    finite = v128.and(finite, f32x4.lt(f32x4.abs(four), infinity));
  }
  return i32x4.all_true(finite) && sumOfCounts(larger) < k;
}
