/**
 * Whether a network is right as often as it says: of the answers that it is 80 % sure of, 80 % should be right. Guo et al.,
 * On Calibration of Modern Neural Networks, 2017. Pure.
 */
import { log } from '../ieeeMath.ts';
import type { Classified } from './classification.ts';

/** The answers with a confidence above `lower`, up to and with `upper`. */
export interface CalibrationBin {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
  /** The mean confidence of the answers; null where there are none. */
  readonly confidence: number | null;
  /** The share of them that are right; null where there are none. */
  readonly accuracy: number | null;
}

export interface Calibration {
  /** Of equal width, from 0 to 1. */
  readonly bins: readonly CalibrationBin[];
  /** The mean distance between confidence and accuracy of a bin, each counting as the answers in it. */
  readonly expectedCalibrationError: number;
  /** The largest of these distances. */
  readonly maximumCalibrationError: number;
}

export function calibrationOf(
  labels: ArrayLike<number>,
  { predicted, confidence }: Classified,
  bins: number,
): Calibration {
  const counts = new Array<number>(bins).fill(0);
  const right = new Array<number>(bins).fill(0);
  const sums = new Array<number>(bins).fill(0);
  for (let i = 0; i < labels.length; i++) {
    // Rounding may have taken a probability just beyond 1.
    const bin = Math.min(Math.max(Math.ceil(confidence[i]! * bins) - 1, 0), bins - 1);
    counts[bin]! += 1;
    sums[bin]! += confidence[i]!;
    if (predicted[i] === labels[i]) right[bin]! += 1;
  }
  const distances = counts.map((count, bin) =>
    count === 0 ? 0 : Math.abs(right[bin]! - sums[bin]!) / count,
  );
  return {
    bins: counts.map((count, bin) => ({
      lower: bin / bins,
      upper: (bin + 1) / bins,
      count,
      confidence: count === 0 ? null : sums[bin]! / count,
      accuracy: count === 0 ? null : right[bin]! / count,
    })),
    expectedCalibrationError:
      distances.reduce((sum, distance, bin) => sum + distance * counts[bin]!, 0) / labels.length,
    maximumCalibrationError: Math.max(...distances),
  };
}

/** The least positive float32 that has all its digits; a probability below it counts as this much. */
const LEAST = 1.1754943508222875e-38;

/** The mean of −ln p, where p is the probability of the right class. @param probabilities  [count, classes] */
export function negativeLogLikelihood(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classes: number,
): number {
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    sum -= log(Math.max(probabilities[i * classes + labels[i]!]!, LEAST));
  }
  return sum / labels.length;
}
