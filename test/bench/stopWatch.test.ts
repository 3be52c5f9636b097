import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { StopWatch } from '../../bench/stopWatch.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

it('adds up what lies between starts and stops', () => {
  const watch = new StopWatch();
  vi.advanceTimersByTime(1000);
  expect(watch.seconds).toBe(0);
  watch.start();
  vi.advanceTimersByTime(2000);
  watch.start();
  vi.advanceTimersByTime(500);
  expect(watch.seconds).toBe(2.5);
  watch.stop();
  vi.advanceTimersByTime(4000);
  watch.stop();
  expect(watch.seconds).toBe(2.5);
  watch.start();
  vi.advanceTimersByTime(8000);
  expect(watch.seconds).toBe(10.5);
});
