import { describe, expect, it } from 'vitest';
import { widenBfloat16, widenFloat16 } from '../../src/formats/float16.ts';

describe('widenFloat16', () => {
  it('knows ones, subnormal numbers, the largest, zeros and what is no number', () => {
    const bits = Uint16Array.of(
      0x3c00,
      0xc000,
      0x3555,
      0x0001,
      0x03ff,
      0x0400,
      0x7bff,
      0x7c00,
      0xfc00,
      0x7e00,
    );
    expect([...widenFloat16(bits)]).toEqual([
      1,
      -2,
      0.333251953125,
      2 ** -24,
      1023 * 2 ** -24,
      2 ** -14,
      65504,
      Infinity,
      -Infinity,
      NaN,
    ]);
    expect([...widenFloat16(Uint16Array.of(0x8000, 0))]).toEqual([-0, 0]);
  });
});

describe('widenBfloat16', () => {
  it('puts sixteen zeros behind the bits', () => {
    const bits = Uint16Array.of(0x3f80, 0xc040, 0x3eab, 0x8000, 0x7f80, 0x7fc0);
    expect([...widenBfloat16(bits)]).toEqual([1, -3, 0.333984375, -0, Infinity, NaN]);
  });
});
