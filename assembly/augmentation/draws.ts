/** What an augmentation draws: four random words for each image, from its own stream (random/counter.ts). */
import { counters, firstKey, randomBits, secondKey } from '../random/counter';

/** The words of an image: elements 4 · image to 4 · image + 3 of the stream. */
export function drawWords(seedLow: i32, seedHigh: i32, stream: i32, step: i32, image: i32): v128 {
  const first = firstKey(seedLow, seedHigh, stream, step);
  const second = secondKey(seedLow, seedHigh, stream, step);
  return randomBits(counters(first, image << 2), i32x4.splat(second));
}

/** A number in [low, high) from a word: low + (high − low) · word / 2^32. */
export function uniform(word: i32, low: f64, high: f64): f64 {
  return low + ((high - low) * <f64>(<u32>word)) / 4294967296.0;
}
