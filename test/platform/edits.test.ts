import { describe, expect, it } from 'vitest';
import { editsOf } from '../../src/bundle/delta.mjs';
import { edited } from '../../src/platform/edits.ts';

/** Bytes that look random, the same ones each time. */
function bytes(count: number, seed: number): Buffer {
  let state = seed;
  return Buffer.from(
    Array.from({ length: count }, () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) >> 16),
  );
}

const long = bytes(5000, 1);

describe('edits', () => {
  it.each([
    ['the same', long, long],
    ['from nothing', bytes(0, 1), bytes(20, 2)],
    ['to nothing', long, bytes(0, 1)],
    ['something else', bytes(300, 3), bytes(400, 4)],
    [
      'inserted, cut and changed',
      long,
      Buffer.concat([long.subarray(0, 1000), bytes(200, 5), long.subarray(1100)]),
    ],
    [
      'moved back and forth',
      long,
      Buffer.concat([long.subarray(3000), long.subarray(100, 3000), long.subarray(9, 99)]),
    ],
    ['a single byte in front', long, Buffer.concat([Buffer.of(7), long])],
  ])('make one out of the other: %s', (_, source, target) => {
    const edits = editsOf(source, target);
    expect(Buffer.from(edited(source, edits, target.length)).equals(target)).toBe(true);
  });

  it('are short where little differs', () => {
    expect(
      editsOf(long, Buffer.concat([long.subarray(0, 2000), Buffer.of(1, 2, 3), long.subarray(2004)])).length,
    ).toBeLessThan(20);
  });
});
