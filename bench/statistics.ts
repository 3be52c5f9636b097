/** What repeated measurements come to. Pure. */

export interface Quartiles {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Quartiles by linear interpolation. */
export function quartiles(values: readonly number[]): Quartiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => {
    const position = share * (sorted.length - 1);
    const below = Math.floor(position);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below]! + (sorted[above]! - sorted[below]!) * (position - below);
  };
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

export function median(values: readonly number[]): number {
  return quartiles(values).median;
}

/**
 * The ratio of two series that were taken in turn, repetition by repetition: drift of the machine moves both. The
 * shorter one decides how many repetitions count.
 */
export function ratio(a: readonly number[], b: readonly number[]): Quartiles {
  return quartiles(a.slice(0, b.length).map((value, i) => value / b[i]!));
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

export interface MeanAndError {
  readonly mean: number;
  /** The standard error of the mean; NaN for a single value. */
  readonly error: number;
}

export function meanAndError(values: readonly number[]): MeanAndError {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares / (count - 1) / count) };
}

/** How far single values are from their mean: the standard deviation of a sample; NaN for a single value. */
export function deviation(values: readonly number[]): number {
  return meanAndError(values).error * Math.sqrt(values.length);
}

export interface LinearFit {
  readonly intercept: number;
  readonly slope: number;
  /** How far each point is off the line, as a share of the line: 0.1 is 10 % above it. */
  readonly deviations: readonly number[];
}

/**
 * The line y = intercept + slope · x with the least squares of relative errors, so that a small point counts as much as
 * a large one. No cost begins below zero: an intercept that would be negative is 0.
 */
export function fitLine(x: readonly number[], y: readonly number[]): LinearFit {
  let [w, wx, wy, wxx, wxy] = [0, 0, 0, 0, 0];
  x.forEach((value, i) => {
    const weight = 1 / y[i]! ** 2;
    w += weight;
    wx += weight * value;
    wy += weight * y[i]!;
    wxx += weight * value * value;
    wxy += weight * value * y[i]!;
  });
  let slope = (w * wxy - wx * wy) / (w * wxx - wx * wx);
  let intercept = (wy - slope * wx) / w;
  if (!(intercept >= 0)) {
    intercept = 0;
    slope = wxy / wxx;
  }
  const deviations = x.map((value, i) => y[i]! / (intercept + slope * value) - 1);
  return { intercept, slope, deviations };
}
