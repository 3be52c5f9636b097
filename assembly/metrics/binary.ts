/**
 * Metrics of yes and no, output by output: a prediction above the threshold is a yes. For logits the threshold is
 * ln(t / (1 − t)), 0 for one half.
 */
import { loadPart } from '../activation/vectorMath';
import { sumOfCounts, weightOf } from '../rows';

/**
 * The share of a row's outputs whose target is 1 for a yes and 0 for a no, times the weight of its image.
 * @param predictions,targets  [rows, outputs]
 * @param weights  [rows / rowsPerImage] float32, or 0
 * @param values   [rows] f64
 * @param begin,end  a share of the rows
 */
export function binaryAccuracy(
  predictions: usize,
  targets: usize,
  outputs: i32,
  threshold: f32,
  rowsPerImage: i32,
  weights: usize,
  values: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && outputs > 0 && rowsPerImage > 0);
  const rowBytes = (<usize>outputs) << 2;
  const thresholds = f32x4.splat(threshold);
  const one = f32x4.splat(1);
  // What equals nothing and is above nothing.
  const none = f32x4.splat(NaN);
  for (let row = begin; row < end; row++) {
    const offset = <usize>row * rowBytes;
    let counts = i32x4.splat(0);
    for (let i: usize = 0; i < rowBytes; i += 16) {
      const left = rowBytes - i;
      const yes = v128.and(one, f32x4.gt(loadPart(predictions + offset + i, left, none), thresholds));
      counts = i32x4.sub(counts, f32x4.eq(yes, loadPart(targets + offset + i, left, none)));
    }
    const share = <f64>sumOfCounts(counts) / outputs;
    store<f64>(values + ((<usize>row) << 3), share * weightOf(weights, row, rowsPerImage));
  }
}

/**
 * Counts of a row's outputs, times the weight of its image. Precision is Σ truePositives / Σ predictedPositives, recall
 * Σ truePositives / Σ actualPositives. Every target but 0 is a yes.
 * @param predictions,targets  [rows, outputs]
 * @param weights  [rows / rowsPerImage] float32, or 0
 * @param truePositives,predictedPositives,actualPositives  [rows] f64 each, or 0 where it is not wanted
 * @param begin,end  a share of the rows
 */
export function countPositives(
  predictions: usize,
  targets: usize,
  outputs: i32,
  threshold: f32,
  rowsPerImage: i32,
  weights: usize,
  truePositives: usize,
  predictedPositives: usize,
  actualPositives: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && outputs > 0 && rowsPerImage > 0);
  const rowBytes = (<usize>outputs) << 2;
  const thresholds = f32x4.splat(threshold);
  const zero = f32x4.splat(0);
  const none = f32x4.splat(NaN);
  for (let row = begin; row < end; row++) {
    const offset = <usize>row * rowBytes;
    let both = zero;
    let predicted = zero;
    let actual = zero;
    for (let i: usize = 0; i < rowBytes; i += 16) {
      const left = rowBytes - i;
      const yes = f32x4.gt(loadPart(predictions + offset + i, left, none), thresholds);
      const isTrue = f32x4.ne(loadPart(targets + offset + i, left, zero), zero);
      both = i32x4.sub(both, v128.and(yes, isTrue));
      predicted = i32x4.sub(predicted, yes);
      actual = i32x4.sub(actual, isTrue);
    }
    const weight = weightOf(weights, row, rowsPerImage);
    const at = (<usize>row) << 3;
    if (truePositives) store<f64>(truePositives + at, <f64>sumOfCounts(both) * weight);
    if (predictedPositives) store<f64>(predictedPositives + at, <f64>sumOfCounts(predicted) * weight);
    if (actualPositives) store<f64>(actualPositives + at, <f64>sumOfCounts(actual) * weight);
  }
}
