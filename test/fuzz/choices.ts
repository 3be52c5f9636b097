/** Random choices: what a mutation is made of. The same seed and iteration always make the same. */
import { randomStream, type RandomStream } from '../../src/random.ts';

export class Choices {
  readonly #random: RandomStream;

  constructor(seed: number, iteration: number) {
    this.#random = randomStream(seed, `fuzz/${iteration}`);
  }

  /** A whole number in [0, bound). */
  below(bound: number): number {
    return this.#random.below(bound);
  }

  /** True once in `times`. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** 1 to `most`. */
  amount(most: number): number {
    return 1 + this.below(most);
  }
}

/** Numbers at the edges of what readers count with. */
export const NUMBERS: readonly number[] = [
  0,
  1,
  -1,
  2,
  3,
  7,
  8,
  63,
  64,
  127,
  128,
  255,
  256,
  1000,
  4095,
  16_384,
  16_385,
  32_767,
  65_535,
  65_536,
  1e5,
  1e6,
  2 ** 24,
  2 ** 28,
  2 ** 30,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  1e15,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 63,
  1e100,
  1.7e308,
  5e-324,
  0.5,
  -0,
  -1e15,
];
