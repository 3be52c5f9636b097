/**
 * The engine's random bits: the same as the twin's, as dropout's are on every build, and random as far as simple statistics can tell. All
 * bounds are six standard deviations of what independent fair bits would give.
 */
import { describe, expect, it } from 'vitest';
import { randomWord, type RandomKey } from '../reference/counter.ts';
import { Bench, runShared } from './harness.ts';

const KEY: RandomKey = { seedLow: 1, seedHigh: 0, stream: 0, step: 0 };
const LINES = 1 << 12;
const COUNT = LINES * 16;
const SIGMAS = 6;

function words({ seedLow, seedHigh, stream, step }: RandomKey, lines = LINES): Uint32Array {
  const bench = new Bench(1);
  const address = bench.output(lines * 64);
  bench.start('debug');
  const args = [address, seedLow, seedHigh, stream, step];
  const program = [{ label: 'random', kernel: 'randomLines', arguments: args, items: lines }];
  const [floats] = runShared(bench, program, () => [bench.floats(address, lines * 16).slice()]);
  return new Uint32Array(floats!.buffer);
}

/** In (−1, 1). */
const centred = (values: Uint32Array): Float64Array =>
  Float64Array.from(values, (word) => (word + 0.5) / 2 ** 31 - 1);

/** The correlation of two series of uniform numbers; its standard deviation is 1 / √length. */
function correlation(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return (3 * sum) / a.length;
}

/** How many of the bits of two series differ. */
function differing(a: Uint32Array, b: Uint32Array): number {
  let count = 0;
  for (let i = 0; i < a.length; i++) {
    for (let bits = a[i]! ^ b[i]!; bits !== 0; bits &= bits - 1) count++;
  }
  return count;
}

function expectIndependent(a: Uint32Array, b: Uint32Array): void {
  expect(Math.abs(correlation(centred(a), centred(b)))).toBeLessThan(SIGMAS / Math.sqrt(a.length));
  const bits = 32 * a.length;
  expect(Math.abs(differing(a, b) - bits / 2)).toBeLessThan((SIGMAS * Math.sqrt(bits)) / 2);
}

describe('randomLines', () => {
  it.each([
    KEY,
    { seedLow: 0xffffffff, seedHigh: 0x80000000, stream: 7, step: 123456 },
    { seedLow: 0, seedHigh: 0, stream: 0, step: 0 },
  ])('gives what the twin gives: %o', (key) => {
    expect(words(key, 7)).toEqual(Uint32Array.from({ length: 112 }, (_, i) => randomWord(key, i)));
  });
});

describe.each([KEY, { seedLow: 0, seedHigh: 0, stream: 0, step: 0 }, { ...KEY, seedHigh: 99, step: 5 }])(
  'the random bits of %o',
  (key) => {
    const series = words(key);

    it('are uniform: mean, variance and each byte', () => {
      const values = centred(series);
      const mean = values.reduce((sum, value) => sum + value, 0) / COUNT;
      const square = values.reduce((sum, value) => sum + value * value, 0) / COUNT;
      // Uniform in (−1, 1): variance 1/3, and of the square 1/5 − 1/9.
      expect(Math.abs(mean)).toBeLessThan(SIGMAS * Math.sqrt(1 / 3 / COUNT));
      expect(Math.abs(square - 1 / 3)).toBeLessThan(SIGMAS * Math.sqrt(4 / 45 / COUNT));
      for (const shift of [0, 8, 16, 24]) {
        const counts = new Float64Array(256);
        for (const word of series) counts[(word >>> shift) & 255]!++;
        const chiSquare = counts.reduce((sum, count) => sum + (count - COUNT / 256) ** 2 / (COUNT / 256), 0);
        expect(Math.abs(chiSquare - 255)).toBeLessThan(SIGMAS * Math.sqrt(2 * 255));
      }
    });

    it('are as often 1 as 0, each of the 32', () => {
      for (let bit = 0; bit < 32; bit++) {
        const ones = series.reduce((sum, word) => sum + ((word >>> bit) & 1), 0);
        expect(Math.abs(ones - COUNT / 2)).toBeLessThan((SIGMAS * Math.sqrt(COUNT)) / 2);
      }
    });

    it('are independent of those of elements nearby', () => {
      for (const lag of [1, 2, 3, 4, 8, 16, 32, 64, 100, 256, 1024, 4096]) {
        expectIndependent(series.subarray(lag), series.subarray(0, -lag));
      }
    });

    it('are independent of those of other seeds, streams and steps, at any shift', () => {
      for (const part of ['seedLow', 'seedHigh', 'stream', 'step'] as const) {
        for (const change of [1, 2, 3, 1000]) {
          const other = words({ ...key, [part]: key[part] + change });
          expectIndependent(series, other);
          expectIndependent(series.subarray(change), other.subarray(0, -change));
        }
      }
    });

    it('change by half with any one bit of the element', () => {
      for (let bit = 0; bit < 16; bit++) {
        const some = series.subarray(0, 1 << 12);
        const flipped = Uint32Array.from(some, (_, i) => randomWord(key, i ^ (1 << bit)));
        const count = differing(some, flipped);
        // Pairs count twice where both are among the first.
        const bits = 32 * some.length;
        expect(Math.abs(count - bits / 2)).toBeLessThan((SIGMAS * Math.sqrt(2 * bits)) / 2);
      }
    });

    it('do not repeat within a batch', () => {
      // A bijection of the element's index: no word comes twice.
      expect(new Set(series).size).toBe(COUNT);
    });
  },
);
