/** The engine's random bits, one element at a time: what assembly/random/counter.ts does for four. */

export interface RandomKey {
  readonly seedLow: number;
  readonly seedHigh: number;
  readonly stream: number;
  readonly step: number;
}

const WEYL = 0x9e3779b9;
const MULTIPLIERS = [0xed5ad4bb, 0xac4c1b51, 0x31848bab] as const;

/** Three rounds; `between` comes in after the first. */
function mix(value: number, between: number): number {
  let x = Math.imul(value ^ (value >>> 17), MULTIPLIERS[0]) ^ between;
  x = Math.imul(x ^ (x >>> 11), MULTIPLIERS[1]);
  x = Math.imul(x ^ (x >>> 15), MULTIPLIERS[2]);
  return (x ^ (x >>> 14)) >>> 0;
}

const absorb = (key: number, word: number): number => mix(((key + WEYL) | 0) ^ word, 0);

/** The 32 bits of element `index`, as an unsigned number. */
export function randomWord({ seedLow, seedHigh, stream, step }: RandomKey, index: number): number {
  const first = [seedLow, seedHigh, stream, step].reduce(absorb, 0x243f6a88);
  const second = [step, stream, seedHigh, seedLow].reduce(absorb, 0x85a308d3);
  return mix((first + Math.imul(index, WEYL)) | 0, second);
}

/** Whether dropout drops an element: its word, as a signed number, lies in the lowest `threshold` of all. */
export function drops(key: RandomKey, index: number, threshold: number): boolean {
  return (randomWord(key, index) | 0) < threshold - 2 ** 31;
}
