/** Precision, recall and F1, from a confusion matrix. Pure. */

export interface Scores {
  /** Of the images that were taken for the class, the share that show it. */
  readonly precision: number;
  /** Of the images that show the class, the share that were taken for it. */
  readonly recall: number;
  /** The harmonic mean of both. */
  readonly f1: number;
}

export interface ClassMetrics extends Scores {
  readonly name: string;
  /** How many images show the class. */
  readonly support: number;
  /** How many images were taken for it. */
  readonly predicted: number;
}

/**
 * A quotient that is 0/0 counts as 0: the precision of a class that nothing was taken for, the recall of one that no image
 * shows. scikit-learn's `classification_report` has it so by default (`zero_division`).
 *
 * @param confusion  rows are the classes, columns the answers
 */
export function classMetrics(
  confusion: readonly (readonly number[])[],
  classNames: readonly string[],
): ClassMetrics[] {
  return confusion.map((row, label) => {
    const right = row[label]!;
    const support = row.reduce((sum, images) => sum + images, 0);
    const predicted = confusion.reduce((sum, other) => sum + other[label]!, 0);
    return {
      name: classNames[label]!,
      precision: quotient(right, predicted),
      recall: quotient(right, support),
      f1: quotient(2 * right, predicted + support),
      support,
      predicted,
    };
  });
}

/**
 * The mean over the classes that occur, whether on an image or as an answer; one that does neither says nothing about the
 * network. As scikit-learn's `classification_report`.
 */
export function macroAverage(classes: readonly ClassMetrics[]): Scores {
  return average(classes, ({ support, predicted }) => (support + predicted > 0 ? 1 : 0));
}

/** The mean over the classes, of which each counts as often as there are images of it. */
export function weightedAverage(classes: readonly ClassMetrics[]): Scores {
  return average(classes, ({ support }) => support);
}

function average(classes: readonly ClassMetrics[], weight: (each: ClassMetrics) => number): Scores {
  const sum = (value: (each: ClassMetrics) => number): number =>
    classes.reduce((total, each) => total + weight(each) * value(each), 0);
  const mean = (score: keyof Scores): number =>
    quotient(
      sum((each) => each[score]),
      sum(() => 1),
    );
  return { precision: mean('precision'), recall: mean('recall'), f1: mean('f1') };
}

function quotient(dividend: number, divisor: number): number {
  return divisor === 0 ? 0 : dividend / divisor;
}
