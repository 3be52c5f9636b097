import { describe, expect, it } from 'vitest';
import { epochTicks, formatTick, niceScale, niceStep, ticksOf } from '../../src/plot/niceScale.ts';

describe('niceScale', () => {
  it.each([
    [0.35, 0.83, { min: 0.3, max: 0.9, step: 0.1 }],
    [0.54, 1.81, { min: 0.5, max: 2, step: 0.5 }],
    [0, 312, { min: 0, max: 400, step: 100 }],
    [0.6, 0.8, { min: 0.6, max: 0.8, step: 0.05 }],
    [-3, 7, { min: -4, max: 8, step: 2 }],
  ])('%d to %d', (low, high, scale) => {
    expect(niceScale(low, high)).toEqual(scale);
  });

  it('makes room around a single value, inside its bounds', () => {
    expect(niceScale(1, 1, { min: 0, max: 1 })).toEqual({ min: 0.9, max: 1, step: 0.02 });
    expect(niceScale(0, 0, { min: 0, max: 1 })).toEqual({ min: 0, max: 1, step: 0.2 });
    expect(niceScale(5, 5)).toEqual({ min: 4.4, max: 5.6, step: 0.2 });
  });

  it('holds the values between round limits, with few but enough steps, at every magnitude', () => {
    for (let i = 0; i < 2000; i++) {
      const low = ((i * 7919) % 1000) / 1000;
      const high = low + ((i * 104729) % 997) / 997 + 1e-3;
      const unit = 10 ** ((i % 25) - 12);
      const { min, max, step } = niceScale(low * unit, high * unit);
      expect(min).toBeLessThanOrEqual(low * unit * (1 + 1e-9));
      expect(max).toBeGreaterThanOrEqual(high * unit * (1 - 1e-9));
      const steps = (max - min) / step;
      expect(Math.abs(steps - Math.round(steps))).toBeLessThan(1e-6);
      expect(steps).toBeGreaterThan(1.5);
      expect(steps).toBeLessThan(7.5);
    }
  });
});

it('niceStep rounds up to 1, 2 or 5 times a power of ten', () => {
  expect([0.9, 1, 1.1, 2, 3, 5, 6, 0.03, 1e-7, 4e9].map(niceStep)).toEqual([
    1, 1, 2, 2, 5, 5, 10, 0.05, 1e-7, 5e9,
  ]);
});

it('ticksOf gives clean decimals', () => {
  expect(ticksOf({ min: 0.3, max: 0.9, step: 0.1 })).toEqual([0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]);
  expect(ticksOf({ min: -2, max: 2, step: 2 })).toEqual([-2, 0, 2]);
});

it('formatTick writes the decimals of the step', () => {
  expect(formatTick(0.3, 0.1)).toBe('0.3');
  expect(formatTick(1, 0.05)).toBe('1.00');
  expect(formatTick(400, 100)).toBe('400');
  expect(formatTick(0, 0.1)).toBe('0');
  expect(formatTick(3e7, 1e7)).toBe('3e+7');
  expect(formatTick(2.5e-9, 5e-10)).toBe('2.5e-9');
});

it('epochTicks are whole numbers from 1, few enough to read', () => {
  expect(epochTicks(1)).toEqual([1]);
  expect(epochTicks(3)).toEqual([1, 2, 3]);
  expect(epochTicks(15)).toEqual([1, 5, 10, 15]);
  expect(epochTicks(60)).toEqual([1, 10, 20, 30, 40, 50, 60]);
  expect(epochTicks(200)).toEqual([1, 50, 100, 150, 200]);
  for (let last = 1; last < 3000; last++) {
    const ticks = epochTicks(last);
    expect(ticks.length).toBeLessThanOrEqual(10);
    expect(ticks.every((tick) => Number.isInteger(tick) && tick <= last)).toBe(true);
  }
});
