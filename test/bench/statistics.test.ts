import { describe, expect, it } from 'vitest';
import { fitLine, geometricMean, meanAndError, quartiles, ratio } from '../../bench/statistics.ts';

describe('quartiles', () => {
  it('are values themselves where they can be, whatever the order', () => {
    expect(quartiles([5, 1, 4, 2, 3])).toEqual({ median: 3, low: 2, high: 4 });
  });

  it('lie between values otherwise', () => {
    expect(quartiles([1, 2, 3, 4])).toEqual({ median: 2.5, low: 1.75, high: 3.25 });
  });

  it('of one value are that value', () => {
    expect(quartiles([7])).toEqual({ median: 7, low: 7, high: 7 });
  });
});

describe('ratio', () => {
  it('compares repetition by repetition, so that drift of both cancels', () => {
    expect(ratio([10, 20, 40], [5, 10, 20])).toEqual({ median: 2, low: 2, high: 2 });
  });

  it('counts the repetitions that both have', () => {
    expect(ratio([10, 20, 30], [5]).median).toBe(2);
    expect(ratio([10], [5, 1, 1]).median).toBe(2);
  });
});

describe('geometricMean', () => {
  it('has twice and half cancel', () => {
    expect(geometricMean([2, 0.5])).toBeCloseTo(1, 12);
    expect(geometricMean([1, 8, 8])).toBeCloseTo(4, 12);
  });
});

describe('meanAndError', () => {
  it('divides the deviation by the root of the count', () => {
    expect(meanAndError([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ mean: 5, error: Math.sqrt(32 / 7 / 8) });
  });

  it('knows no error of one value', () => {
    expect(meanAndError([3])).toEqual({ mean: 3, error: NaN });
  });
});

describe('fitLine', () => {
  it('finds a line that all points are on', () => {
    const { intercept, slope, deviations } = fitLine([1, 2, 10, 100], [5, 7, 23, 203]);
    expect(intercept).toBeCloseTo(3, 9);
    expect(slope).toBeCloseTo(2, 9);
    for (const off of deviations) expect(off).toBeCloseTo(0, 9);
  });

  it('weighs points by their relative error: a small one off by half counts as much as a large one', () => {
    const { slope } = fitLine([1, 1, 1000, 1000], [2, 2, 2000, 2000]);
    expect(slope).toBeCloseTo(2, 9);
    const { deviations } = fitLine([1, 2, 4, 8, 16], [1, 2, 4, 8, 32]);
    expect(deviations[4]).toBeGreaterThan(0.3);
  });

  it('starts no cost below zero', () => {
    const { intercept, slope } = fitLine([1, 2, 4], [1, 4, 16]);
    expect(intercept).toBe(0);
    expect(slope).toBeGreaterThan(0);
  });
});
