import { describe, expect, it } from 'vitest';
import { cos, exp, log, pow } from '../src/ieeeMath.ts';
import { randomStream } from '../src/random.ts';

/** Math.* of V8 is itself within an ulp of the truth, pow within a little more. */
const ulps = (count: number, actual: number, expected: number): void => {
  const difference = Math.abs(actual - expected);
  const bound = count * 2.3e-16 * Math.max(Math.abs(expected), 1e-300);
  if (Object.is(actual, expected) || difference <= bound) return;
  throw new Error(`${actual} instead of ${expected}: ${difference / Math.abs(expected) / 2.2e-16} ulp`);
};

const random = randomStream(1, 'ieeeMath');
const within = (least: number, most: number): number => least + (most - least) * random.uniform();

describe('log', () => {
  it('agrees with Math.log to the last bit or two, over all magnitudes and near 1', () => {
    for (let i = 0; i < 20_000; i++) {
      const x = within(0, 4);
      ulps(1, log(x), Math.log(x));
      const near = 1 + within(-1, 1) * Math.pow(10, -within(0, 15));
      ulps(1, log(near), Math.log(near));
      const any = Math.pow(10, within(-323, 308));
      ulps(1, log(any), Math.log(any));
    }
  });
  it('has the ends of its range', () => {
    expect([log(1), log(0), log(-1), log(NaN), log(Infinity)]).toEqual([0, -Infinity, NaN, NaN, Infinity]);
    ulps(1, log(5e-324), -744.4400719213812);
  });
});

describe('exp', () => {
  it('agrees with Math.exp', () => {
    for (let i = 0; i < 20_000; i++) {
      for (const x of [within(-1, 1), within(-700, 709.7), within(-1, 1) * Math.pow(10, -within(0, 15))]) {
        ulps(1, exp(x), Math.exp(x));
      }
    }
  });
  it('has the ends of its range', () => {
    expect([exp(0), exp(-Infinity), exp(Infinity), exp(NaN), exp(710), exp(-746)]).toEqual([
      1,
      0,
      Infinity,
      NaN,
      Infinity,
      0,
    ]);
    expect(exp(-745)).toBe(5e-324);
    ulps(1, exp(709.78), 1.7928227943945155e308);
  });
});

describe('pow', () => {
  it('agrees with Math.pow for fractions', () => {
    for (let i = 0; i < 20_000; i++) {
      const [x, y] = [within(0, 2), within(-10, 10)];
      const expected = Math.pow(x, y);
      if (expected > 1e-20 && expected < 1e20) ulps(3, pow(x, y), expected);
    }
  });
  it('is exact for whole powers that numbers can hold, and near for others', () => {
    expect([pow(0.5, 40), pow(3, 30), pow(-2, 3), pow(10, 22), pow(7, 0), pow(2, -3)]).toEqual([
      9.094947017729282e-13, 205891132094649, -8, 1e22, 1, 0.125,
    ]);
    for (let i = 0; i < 2_000; i++) {
      // Of 1 + ε to a large power, what repeated multiplication in plain float64 would lose shows: log1p knows better.
      const n = random.below(1_000_000);
      const x = 1 - Math.pow(2, -1 - random.below(40));
      const expected = Math.exp(n * Math.log1p(x - 1));
      if (expected > 1e-10) ulps(25, pow(x, n), expected);
    }
  });
  it('has the ends of its range', () => {
    for (const x of [0, 0.3, 1, 2, Infinity, -2, 1e300, 1e-300]) {
      for (const y of [0, 0.5, -0.5, 2, -2, 3, 1.5, 1e10, -1e10, 1e10 + 0.5]) {
        ulps(3, pow(x, y), Math.pow(x, y));
      }
    }
    expect(pow(2, NaN)).toBe(NaN);
    expect(pow(NaN, 0.5)).toBe(NaN);
  });
});

describe('cos', () => {
  it('agrees with Math.cos', () => {
    for (let i = 0; i < 20_000; i++) {
      for (const x of [within(0, Math.PI), within(-100, 100), within(-1.6e6, 1.6e6)]) {
        ulps(2, cos(x), Math.cos(x));
      }
    }
    for (let n = -50; n <= 50; n++) ulps(2, cos((n * Math.PI) / 2), Math.cos((n * Math.PI) / 2));
  });
  it('is exact where the result is', () => {
    expect([cos(0), cos(Math.PI), cos(2 * Math.PI), cos(-Math.PI)]).toEqual([1, -1, 1, -1]);
  });
  it('refuses angles that it has not enough digits of π for', () => {
    expect(() => cos(1e7)).toThrow(RangeError);
    expect(() => cos(NaN)).toThrow(RangeError);
  });
});
