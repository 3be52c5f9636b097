import { randomStream, shuffle } from '../../src/random.ts';
import type { Dataset } from '../../src/data/dataset.ts';

const classes = 10;

/**
 * Fits softmax regression on the pixels by stochastic gradient descent. Returns its accuracies, 0…1: the one on the
 * training images at the end, and the best on the test images after any epoch.
 */
export function softmaxRegression(
  train: Dataset,
  test: Dataset,
  { epochs = 8, learningRate = 0.01, batch = 50 } = {},
): { trainAccuracy: number; testAccuracy: number } {
  const inputs = train.images.length / train.count;
  const weight = new Float32Array(classes * inputs); // [10, inputs]
  const bias = new Float32Array(classes);
  const dWeight = new Float32Array(weight.length);
  const order = Uint32Array.from({ length: train.count }, (_, i) => i);
  const random = randomStream(1, 'softmax regression');
  const input = new Float32Array(inputs);
  const logits = new Float64Array(classes);
  const accuracy = (dataset: Dataset): number => {
    let correct = 0;
    for (let image = 0; image < dataset.count; image++) {
      forward(dataset, image, weight, bias, input, logits);
      if (logits.indexOf(Math.max(...logits)) === dataset.labels[image]) correct++;
    }
    return correct / dataset.count;
  };
  let testAccuracy = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    shuffle(order, random);
    for (let start = 0; start < train.count; start += batch) {
      dWeight.fill(0);
      for (const image of order.subarray(start, start + batch)) {
        forward(train, image, weight, bias, input, logits);
        softmax(logits);
        logits[train.labels[image]!]! -= 1;
        for (let c = 0; c < classes; c++) {
          const gradient = logits[c]!;
          bias[c]! -= (learningRate / batch) * gradient;
          for (let i = 0, w = c * inputs; i < inputs; i++, w++) dWeight[w]! += gradient * input[i]!;
        }
      }
      for (let w = 0; w < weight.length; w++) weight[w]! -= (learningRate / batch) * dWeight[w]!;
    }
    testAccuracy = Math.max(testAccuracy, accuracy(test));
  }
  return { trainAccuracy: accuracy(train), testAccuracy };
}

function forward(
  { images }: Dataset,
  image: number,
  weight: Float32Array,
  bias: Float32Array,
  input: Float32Array,
  logits: Float64Array,
): void {
  const inputs = input.length;
  for (let i = 0; i < inputs; i++) input[i] = images[image * inputs + i]! / 127.5 - 1;
  for (let c = 0; c < classes; c++) {
    let sum = bias[c]!;
    for (let i = 0, w = c * inputs; i < inputs; i++, w++) sum += weight[w]! * input[i]!;
    logits[c] = sum;
  }
}

/** In place. */
function softmax(logits: Float64Array): void {
  const largest = Math.max(...logits);
  let total = 0;
  for (let c = 0; c < classes; c++) total += logits[c] = Math.exp(logits[c]! - largest);
  for (let c = 0; c < classes; c++) logits[c]! /= total;
}
