import { describe, expect, it } from 'vitest';
import { normals, randomStream, shuffle, xoshiro128, type RandomStream } from '../src/random.ts';

const take = (count: number, random: RandomStream): number[] =>
  Array.from({ length: count }, () => random.uint32());

/** A stream that gives what it is given. */
function scripted(...draws: readonly number[]): RandomStream {
  let i = 0;
  const next = (): number => draws[i++]!;
  return { uint32: next, uniform: next, below: (bound) => next() % bound };
}

/** xoshiro128** as its authors write it (https://prng.di.unimi.it/xoshiro128starstar.c), in whole numbers mod 2^32. */
function* bigXoshiro(state: readonly bigint[]): Generator<bigint> {
  const word = (x: bigint): bigint => BigInt.asUintN(32, x);
  const rotate = (x: bigint, bits: bigint): bigint => word(x << bits) | (x >> (32n - bits));
  let [s0, s1, s2, s3] = state as [bigint, bigint, bigint, bigint];
  for (;;) {
    yield word(rotate(word(s1 * 5n), 7n) * 9n);
    const t = word(s1 << 9n);
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = rotate(s3, 11n);
  }
}

describe('xoshiro128', () => {
  it('gives the published numbers', () => {
    // What the authors' C program gives for the state 1, 2, 3, 4, as in the tests of Rust's rand_xoshiro.
    const published = [
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ];
    expect(take(10, xoshiro128(1, 2, 3, 4))).toEqual(published);
  });

  it('follows the definition for a thousand draws, from large states too', () => {
    for (const state of [
      [1, 2, 3, 4],
      [0xffffffff, 0x80000000, 0xdeadbeef, 0x12345678],
      [0, 0, 0, 1],
    ] as const) {
      const definition = bigXoshiro(state.map(BigInt));
      const expected = Array.from({ length: 1000 }, () => Number(definition.next().value));
      expect(take(1000, xoshiro128(...(state as [number, number, number, number])))).toEqual(expected);
    }
  });
});

describe('uniform', () => {
  it('is in [0, 1) with 53 bits', () => {
    const random = randomStream(1, 'uniform');
    let sum = 0;
    let finest = false;
    for (let i = 0; i < 10_000; i++) {
      const value = random.uniform();
      expect(value >= 0 && value < 1 && Number.isInteger(value * 2 ** 53)).toBe(true);
      finest ||= !Number.isInteger(value * 2 ** 52);
      sum += value;
    }
    expect(finest).toBe(true);
    // The mean of 10,000 has a standard deviation of 0.0029.
    expect(Math.abs(sum / 10_000 - 0.5)).toBeLessThan(0.012);
  });

  it('takes its high bits from the first draw', () => {
    const [first, second] = take(2, xoshiro128(5, 6, 7, 8)) as [number, number];
    const expected = (BigInt(first >>> 5) << 26n) | BigInt(second >>> 6);
    expect(xoshiro128(5, 6, 7, 8).uniform()).toBe(Number(expected) / 2 ** 53);
  });
});

describe('below', () => {
  it('gives every value as often', () => {
    const random = randomStream(1, 'below');
    for (const bound of [1, 2, 3, 7, 10]) {
      const counts = new Array<number>(bound).fill(0);
      const draws = 20_000;
      for (let i = 0; i < draws; i++) counts[random.below(bound)]!++;
      expect(counts.length).toBe(bound);
      // Five standard deviations of a binomial count.
      const deviation = 5 * Math.sqrt((draws / bound) * (1 - 1 / bound));
      for (const count of counts) expect(Math.abs(count - draws / bound)).toBeLessThanOrEqual(deviation);
    }
  });

  it('draws again rather than favour small values', () => {
    // Below 3·2^30 the remainder alone would give the first quarter of all draws twice: values under 2^30 half the time.
    const bound = 3 * 2 ** 30;
    const random = randomStream(2, 'below');
    const draws = 20_000;
    let low = 0;
    for (let i = 0; i < draws; i++) if (random.below(bound) < 2 ** 30) low++;
    expect(Math.abs(low / draws - 1 / 3)).toBeLessThan(5 * Math.sqrt(2 / 9 / draws));
  });

  it('can give all of 32 bits', () => {
    expect(xoshiro128(1, 2, 3, 4).below(2 ** 32)).toBe(11520);
  });
});

describe('randomStream', () => {
  it('depends on the seed and on the name, and on nothing else', () => {
    const of = (seed: number, name: string): string => take(4, randomStream(seed, name)).join();
    expect(of(1, 'shuffling')).toBe(of(1, 'shuffling'));
    const all = [of(1, 'shuffling'), of(2, 'shuffling'), of(1, 'initialisation'), of(1, ''), of(11, '')];
    expect(new Set(all).size).toBe(all.length);
  });

  it('has streams that do not resemble each other', () => {
    // Of 32,000 bits, half should differ; the standard deviation is 89.
    const a = take(1000, randomStream(1, 'a'));
    for (const [seed, name] of [
      [1, 'b'],
      [2, 'a'],
    ] as const) {
      const b = take(1000, randomStream(seed, name));
      const differing = a.reduce((sum, word, i) => {
        const bits = ((word ^ b[i]!) >>> 0).toString(2);
        return sum + bits.split('1').length - 1;
      }, 0);
      expect(Math.abs(differing - 16_000)).toBeLessThan(500);
    }
  });
});

describe('normals', () => {
  it('takes a point within the unit circle, and gives both of its coordinates', () => {
    // (0.9, 0.9) is outside and (0, 0) has no direction; what remains is (0.6, -0.5).
    const normal = normals(scripted(0.95, 0.95, 0.5, 0.5, 0.8, 0.25));
    const factor = Math.sqrt((-2 * Math.log(0.61)) / 0.61);
    expect(normal()).toBeCloseTo(0.6 * factor, 14);
    expect(normal()).toBeCloseTo(-0.5 * factor, 14);
  });

  it('gives values as often as the normal distribution does', () => {
    const normal = normals(randomStream(1, 'normals'));
    const draws = 50_000;
    const below = [-2, -1, -0.5, 0, 0.5, 1, 2].map((limit) => ({ limit, count: 0 }));
    for (let i = 0; i < draws; i++) {
      const value = normal();
      for (const each of below) if (value < each.limit) each.count++;
    }
    // The distribution function at these limits; the deviation of a share is at most 0.0022.
    const shares = [0.02275, 0.158655, 0.308538, 0.5, 0.691462, 0.841345, 0.97725];
    below.forEach(({ count }, i) => {
      expect(Math.abs(count / draws - shares[i]!)).toBeLessThan(0.011);
    });
  });
});

describe('shuffle', () => {
  const shuffled = (length: number, random: RandomStream): number[] => {
    const items = Uint32Array.from({ length }, (_, i) => i);
    shuffle(items, random);
    return [...items];
  };

  it('gives a permutation, the same for the same seed', () => {
    for (const length of [0, 1, 2, 100]) {
      const items = shuffled(length, randomStream(1, 'shuffling'));
      expect(items.toSorted((a, b) => a - b)).toEqual(Array.from({ length }, (_, i) => i));
    }
    expect(shuffled(100, randomStream(1, 's'))).toEqual(shuffled(100, randomStream(1, 's')));
    expect(shuffled(100, randomStream(1, 's'))).not.toEqual(shuffled(100, randomStream(2, 's')));
  });

  it('gives every permutation as often', () => {
    const random = randomStream(1, 'permutations');
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const key = shuffled(4, random).join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    // 1,000 each, with a standard deviation of 31.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(155);
  });

  it('exchanges each item, from the last, with one that is not behind it', () => {
    expect(shuffled(3, scripted(0, 1))).toEqual([2, 1, 0]);
    expect(shuffled(3, scripted(2, 0))).toEqual([1, 0, 2]);
  });
});
