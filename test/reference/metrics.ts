/** The metrics of Keras 3 for one row of predictions. */

/** The first of the largest values; −1 where one is no number. */
export function classOf(row: Float32Array): number {
  return row.some(Number.isNaN) ? -1 : row.indexOf(Math.max(...row));
}

export function accuracyRow(predictions: Float32Array, target: number): number {
  return target >= 0 && classOf(predictions) === target ? 1 : 0;
}

/** TensorFlow's in_top_k: fewer than k values are larger, and all are finite. */
export function topKRow(predictions: Float32Array, target: number, k: number): number {
  if (target < 0 || !predictions.every(Number.isFinite)) return 0;
  return predictions.filter((value) => value > predictions[target]!).length < k ? 1 : 0;
}

export function binaryAccuracyRow(
  predictions: Float32Array,
  targets: Float32Array,
  threshold: number,
): number {
  let equal = 0;
  predictions.forEach((value, i) => {
    if ((value > Math.fround(threshold) ? 1 : 0) === targets[i]) equal++;
  });
  return equal / predictions.length;
}

/** True, predicted and actual positives. */
export function positivesRow(
  predictions: Float32Array,
  targets: Float32Array,
  threshold: number,
): readonly [both: number, predicted: number, actual: number] {
  let [both, predicted, actual] = [0, 0, 0];
  predictions.forEach((value, i) => {
    const yes = value > Math.fround(threshold);
    if (yes) predicted++;
    if (targets[i] !== 0) actual++;
    if (yes && targets[i] !== 0) both++;
  });
  return [both, predicted, actual];
}
