/** What a classifier's probabilities say about a labelled set. Pure. */

export interface Classified {
  /** The likeliest class of each image, the first of equals. [count] */
  readonly predicted: Int32Array;
  /** Its probability. [count] */
  readonly confidence: Float32Array;
}

/** @param probabilities  [count, classes] */
export function classify(probabilities: ArrayLike<number>, classes: number): Classified {
  const count = probabilities.length / classes;
  const predicted = new Int32Array(count);
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
export function confusionMatrix(
  labels: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
): number[][] {
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < labels.length; i++) matrix[labels[i]!]![predicted[i]!]! += 1;
  return matrix;
}

/** The images of one cell of the matrix, the surest answers first. */
export function imagesInCell(
  labels: ArrayLike<number>,
  { predicted, confidence }: Classified,
  actual: number,
  answer: number,
): number[] {
  const indices = [...predicted.keys()].filter((i) => labels[i] === actual && predicted[i] === answer);
  return indices.sort((a, b) => confidence[b]! - confidence[a]! || a - b);
}

/** The wrong answers that the network was surest of. */
export function worstMistakes(
  labels: ArrayLike<number>,
  { predicted, confidence }: Classified,
  count: number,
): number[] {
  const wrong = [...predicted.keys()].filter((i) => labels[i] !== predicted[i]);
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

/**
 * How often the right class is among the k likeliest, for k from 1 to `most`: [most]. Of equally likely classes the first
 * come first, so that the one for k = 1 is the accuracy.
 *
 * @param probabilities  [count, classes]
 */
export function topKAccuracies(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classes: number,
  most: number,
): number[] {
  const atRank = new Array<number>(most).fill(0);
  for (let i = 0; i < labels.length; i++) {
    const own = probabilities[i * classes + labels[i]!]!;
    let rank = 0;
    for (let k = 0; k < classes; k++) {
      const other = probabilities[i * classes + k]!;
      if (other > own || (other === own && k < labels[i]!)) rank++;
    }
    if (rank < most) atRank[rank]! += 1;
  }
  let within = 0;
  return atRank.map((images) => (within += images) / labels.length);
}
