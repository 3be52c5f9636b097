/** Softmax, alone and fused with the cross-entropy. In float64 inside: a few hundred values a step. */
import { expNonPositive, logPositive } from '../math';

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
    const largest = load<f32>(from + ((<usize>argmax(from, classes)) << 2));
    const sum = sumOfExponentials(from, classes, largest);
    for (let c: usize = 0; c < rowBytes; c += 4) {
      store<f32>(to + c, <f32>(expNonPositive(<f64>load<f32>(from + c) - largest) / sum));
    }
  }
}

/**
 * The categorical cross-entropy of the softmax, its gradient, and whether the largest logit is the label's (the first
 * of equals counts as the largest).
 * @param logits   [batch, classes]
 * @param labels   [batch] u8
 * @param scale    what each gradient is multiplied by: 1 / batch for the mean loss
 * @param dLogits  [batch, classes], or 0 where no gradient is wanted
 * @param losses   [batch] f64
 * @param correct  [batch] i32, 0 or 1
 * @param begin,end  a share of the batch
 */
export function softmaxCrossEntropy(
  logits: usize,
  labels: usize,
  classes: i32,
  scale: f32,
  dLogits: usize,
  losses: usize,
  correct: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && classes > 0);
  const rowBytes = (<usize>classes) << 2;
  for (let row = begin; row < end; row++) {
    const from = logits + <usize>row * rowBytes;
    const label = <i32>load<u8>(labels + row);
    assert(label < classes);
    const predicted = argmax(from, classes);
    const largest = load<f32>(from + ((<usize>predicted) << 2));
    const sum = sumOfExponentials(from, classes, largest);
    const ofLabel = <f64>load<f32>(from + ((<usize>label) << 2)) - largest;
    store<f64>(losses + ((<usize>row) << 3), logPositive(sum) - ofLabel);
    // Where a logit is no number nothing is predicted, so it cannot be right.
    store<i32>(correct + ((<usize>row) << 2), i32(predicted == label && sum == sum));
    if (!dLogits) continue;
    const to = dLogits + <usize>row * rowBytes;
    for (let c = 0; c < classes; c++) {
      const at = (<usize>c) << 2;
      const probability = expNonPositive(<f64>load<f32>(from + at) - largest) / sum;
      const target: f64 = c == label ? 1 : 0;
      store<f32>(to + at, <f32>((probability - target) * scale));
    }
  }
}

/** The index of the first largest value. */
function argmax(row: usize, classes: i32): i32 {
  let best = 0;
  for (let c = 1; c < classes; c++) {
    if (load<f32>(row + ((<usize>c) << 2)) > load<f32>(row + ((<usize>best) << 2))) best = c;
  }
  return best;
}

function sumOfExponentials(row: usize, classes: i32, largest: f32): f64 {
  let sum: f64 = 0;
  for (let c = 0; c < classes; c++) sum += expNonPositive(<f64>load<f32>(row + ((<usize>c) << 2)) - largest);
  return sum;
}
