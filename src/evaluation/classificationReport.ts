/** Everything that is usually asked of a classifier on a labelled set. Pure. */
import { OptionError } from '../errors.ts';
import { calibrationOf, negativeLogLikelihood, type Calibration } from './calibration.ts';
import { classify, confusionMatrix, topKAccuracies, worstMistakes } from './classification.ts';
import {
  classMetrics,
  macroAverage,
  weightedAverage,
  type ClassMetrics,
  type Scores,
} from './classMetrics.ts';

/** A wrong answer. */
export interface Mistake {
  /** Of the image. */
  readonly index: number;
  /** The class that it shows, and the probability that the network gave that. */
  readonly actual: number;
  readonly actualProbability: number;
  /** The class that it was taken for, and how sure the network was. */
  readonly predicted: number;
  readonly probability: number;
}

export interface ClassificationReport {
  /** How many images there were. */
  readonly count: number;
  readonly accuracy: number;
  /** How often the right class was among the k likeliest, for k = 1, 2, … */
  readonly topKAccuracy: readonly number[];
  readonly negativeLogLikelihood: number;
  readonly classes: readonly ClassMetrics[];
  /** Over the classes that occur. */
  readonly macroAverage: Scores;
  /** Over all images: each class counts as often as it is shown. */
  readonly weightedAverage: Scores;
  /** Rows are the classes, columns the answers: [classes][classes]. */
  readonly confusion: readonly (readonly number[])[];
  readonly calibration: Calibration;
  /** How many answers were wrong. */
  readonly mistakeCount: number;
  /** Those that the network was surest of, the surest first. */
  readonly mistakes: readonly Mistake[];
}

export interface ClassificationReportOptions {
  /** By index; "0", "1", … by default. */
  readonly classNames?: readonly string[];
  /** How many ranges of confidence the calibration tells apart; 15 by default. */
  readonly bins?: number;
  /** For how many k the top-k accuracy is given, if there are as many classes; 5 by default. */
  readonly topK?: number;
  /** How many mistakes are listed at most; 40 by default. */
  readonly mistakes?: number;
}

/**
 * Precision, recall and F1 of each class, the confusion matrix, the top-k accuracies, the calibration and the surest mistakes.
 * What is undefined is defined as by scikit-learn's `classification_report`: see `classMetrics`, `macroAverage`.
 *
 * @param labels  class indices, [count]
 * @param probabilities  what `model.predict` gives: [count, classes]
 * @throws OptionError if they do not fit each other or the class names, or are no class indices and no probabilities
 */
export function classificationReport(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  { classNames, bins = 15, topK = 5, mistakes = 40 }: ClassificationReportOptions = {},
): ClassificationReport {
  const count = labels.length;
  const classes = classNames?.length ?? probabilities.length / count;
  check(labels, probabilities, classes);
  for (const [option, value, least] of [
    ['bins', bins, 1],
    ['topK', topK, 1],
    ['mistakes', mistakes, 0],
  ] as const) {
    if (Number.isInteger(value) && value >= least) continue;
    throw new OptionError(`${option} must be a whole number of at least ${least}, not ${value}.`);
  }
  const classified = classify(probabilities, classes);
  const { predicted, confidence } = classified;
  const confusion = confusionMatrix(labels, predicted, classes);
  const right = confusion.reduce((sum, row, label) => sum + row[label]!, 0);
  const perClass = classMetrics(confusion, classNames ?? confusion.map((_, label) => String(label)));
  return {
    count,
    accuracy: right / count,
    topKAccuracy: topKAccuracies(labels, probabilities, classes, Math.min(topK, classes)),
    negativeLogLikelihood: negativeLogLikelihood(labels, probabilities, classes),
    classes: perClass,
    macroAverage: macroAverage(perClass),
    weightedAverage: weightedAverage(perClass),
    confusion,
    calibration: calibrationOf(labels, classified, bins),
    mistakeCount: count - right,
    mistakes: worstMistakes(labels, classified, mistakes).map((index) => ({
      index,
      actual: labels[index]!,
      actualProbability: probabilities[index * classes + labels[index]!]!,
      predicted: predicted[index]!,
      probability: confidence[index]!,
    })),
  };
}

function check(labels: ArrayLike<number>, probabilities: ArrayLike<number>, classes: number): void {
  const count = labels.length;
  if (count === 0) throw new OptionError('There are no labels, so there is nothing to report on.');
  if (!Number.isInteger(classes) || classes < 1 || probabilities.length !== count * classes) {
    throw new OptionError(
      `${probabilities.length} probabilities are not as many for each of ${count} labels` +
        `${Number.isInteger(classes) ? ` as there are classes, ${classes}` : ''}: give [count, classes].`,
    );
  }
  for (let i = 0; i < count; i++) {
    const label = labels[i]!;
    if (Number.isInteger(label) && label >= 0 && label < classes) continue;
    throw new OptionError(`labels[${i}] is ${label}, but the classes are 0 to ${classes - 1}.`);
  }
  for (let i = 0; i < probabilities.length; i++) {
    // A sum of rounded numbers may be a little above 1.
    if (probabilities[i]! >= 0 && probabilities[i]! < 1.001) continue;
    throw new OptionError(
      `probabilities[${i}] is ${probabilities[i]!}, which is no probability: the network must end in a softmax, and not have diverged.`,
    );
  }
}
