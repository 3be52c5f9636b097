/** Softmax and its categorical cross-entropy in float64; logits are [batch, classes]. */

export interface CrossEntropy {
  /** Of each image. */
  readonly losses: Float64Array;
  readonly probabilities: Float64Array;
  /** The gradient of the mean loss. */
  readonly dLogits: Float64Array;
  /** How many labels have the largest logit; the first of equals counts as the largest. */
  readonly correct: number;
}

export function softmaxCrossEntropy(
  classes: number,
  logits: Float64Array,
  labels: ArrayLike<number>,
): CrossEntropy {
  const batch = logits.length / classes;
  const losses = new Float64Array(batch);
  const probabilities = new Float64Array(logits.length);
  const dLogits = new Float64Array(logits.length);
  let correct = 0;
  for (let n = 0; n < batch; n++) {
    const row = logits.subarray(n * classes, (n + 1) * classes);
    const largest = Math.max(...row);
    const exponentials = row.map((logit) => Math.exp(logit - largest));
    const sum = exponentials.reduce((total, value) => total + value, 0);
    losses[n] = Math.log(sum) - (row[labels[n]!]! - largest);
    if (row.indexOf(largest) === labels[n]) correct++;
    for (let c = 0; c < classes; c++) {
      const probability = exponentials[c]! / sum;
      probabilities[n * classes + c] = probability;
      dLogits[n * classes + c] = (probability - (c === labels[n] ? 1 : 0)) / batch;
    }
  }
  return { losses, probabilities, dLogits, correct };
}
