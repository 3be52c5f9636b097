/** The random bits themselves, for tests: an entry of the debug build alone. */
import { counters, firstKey, randomBits, secondKey, WEYL } from './counter';

/**
 * Fills memory with random bits, 16 words a line: element i of the stream is word i.
 * @param output     64-byte lines
 * @param seedLow,seedHigh,stream,step  32 bits each
 * @param begin,end  a share of the lines
 */
export function randomLines(
  output: usize,
  seedLow: i32,
  seedHigh: i32,
  stream: i32,
  step: i32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const key = i32x4.splat(secondKey(seedLow, seedHigh, stream, step));
  const four = i32x4.splat(4 * WEYL);
  let counter = counters(firstKey(seedLow, seedHigh, stream, step), begin << 4);
  const last = output + ((<usize>end) << 6);
  for (let at = output + ((<usize>begin) << 6); at < last; at += 16) {
    v128.store(at, randomBits(counter, key));
    counter = i32x4.add(counter, four);
  }
}
