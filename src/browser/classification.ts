/** What a classifier's probabilities say about a labelled set. Pure. */

export interface Classified {
  /** The likeliest class of each image, [count]. */
  readonly predicted: Uint8Array;
  /** Its probability, [count]. */
  readonly confidence: Float32Array;
}

/** @param probabilities  [count, classes] */
export function classify(probabilities: Float32Array, classes: number): Classified {
  const count = probabilities.length / classes;
  const predicted = new Uint8Array(count);
  const confidence = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    let best = 0;
    for (let k = 1; k < classes; k++) {
      if (probabilities[i * classes + k]! > probabilities[i * classes + best]!) best = k;
    }
    predicted[i] = best;
    confidence[i] = probabilities[i * classes + best]!;
  }
  return { predicted, confidence };
}

/** How often a class (row) was taken for another (column): [classes][classes]. */
export function confusionMatrix(labels: Uint8Array, predicted: Uint8Array, classes: number): number[][] {
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  labels.forEach((label, i) => {
    matrix[label]![predicted[i]!]! += 1;
  });
  return matrix;
}

/** The images of one cell of the matrix, the surest answers first. */
export function imagesInCell(
  labels: Uint8Array,
  { predicted, confidence }: Classified,
  actual: number,
  answer: number,
): number[] {
  const indices = [...labels.keys()].filter((i) => labels[i] === actual && predicted[i] === answer);
  return indices.sort((a, b) => confidence[b]! - confidence[a]! || a - b);
}

/** The wrong answers that the network was surest of. */
export function worstMistakes(
  labels: Uint8Array,
  { predicted, confidence }: Classified,
  count: number,
): number[] {
  const wrong = [...labels.keys()].filter((i) => labels[i] !== predicted[i]);
  return wrong.sort((a, b) => confidence[b]! - confidence[a]! || a - b).slice(0, count);
}

export interface Rank {
  readonly label: number;
  readonly probability: number;
}

/** The classes by falling probability. */
export function ranking(probabilities: ArrayLike<number>, top: number): Rank[] {
  const ranks = Array.from(probabilities, (probability, label) => ({ label, probability }));
  return ranks.sort((a, b) => b.probability - a.probability || a.label - b.label).slice(0, top);
}
