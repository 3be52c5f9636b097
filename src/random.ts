import { log } from './ieeeMath.ts';

/**
 * Seeded random streams. Every use of randomness has a stream of its own, named after it, so that drawing more
 * from one (say, a layer added to the initialisation) leaves the others (say, the shuffling) as they were.
 */
export interface RandomStream {
  /** A uniform integer in [0, 2^32). */
  uint32(): number;
  /** A uniform double in [0, 1) with 53 random bits. */
  uniform(): number;
  /** A uniform integer in [0, bound), without modulo bias; 1 ≤ bound ≤ 2^32. */
  below(bound: number): number;
}

/** The stream `name` of `seed`: xoshiro128** (Blackman & Vigna 2018), seeded by a hash of both. */
export function randomStream(seed: number, name: string): RandomStream {
  const mix = hash(`${seed}:${name}`);
  return xoshiro128(mix(), mix(), mix(), mix());
}

/** xoshiro128** from a given state, which must not be all zero. */
export function xoshiro128(a: number, b: number, c: number, d: number): RandomStream {
  const uint32 = (): number => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  };
  return {
    uint32,
    uniform: () => ((uint32() >>> 5) + (uint32() >>> 6) / 0x4000000) / 0x8000000,
    below(bound) {
      const limit = 0x100000000 - (0x100000000 % bound);
      let draw = uint32();
      while (draw >= limit) draw = uint32();
      return draw % bound;
    },
  };
}

/** Shuffles in place (Fisher–Yates). */
export function shuffle(items: Uint32Array, random: RandomStream): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const kept = items[i]!;
    items[i] = items[j]!;
    items[j] = kept;
  }
}

/** FNV-1a over the text, then splitmix32 for as many words as are asked for. */
function hash(text: string): () => number {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  }
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let word = state ^ (state >>> 16);
    word = Math.imul(word, 0x21f0aaad);
    word ^= word >>> 15;
    word = Math.imul(word, 0x735a2d97);
    return (word ^ (word >>> 15)) >>> 0;
  };
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/**
 * Draws from the normal distribution with mean 0 and deviation 1, by Marsaglia's polar method (1964) with a logarithm
 * that is the same in every JavaScript engine.
 */
export function normals(random: RandomStream): () => number {
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    // A point in the unit circle, its centre excepted.
    let x = 0;
    let y = 0;
    let square = 0;
    while (square === 0 || square >= 1) {
      x = 2 * random.uniform() - 1;
      y = 2 * random.uniform() - 1;
      square = x * x + y * y;
    }
    const factor = Math.sqrt((-2 * log(square)) / square);
    spare = y * factor;
    return x * factor;
  };
}
