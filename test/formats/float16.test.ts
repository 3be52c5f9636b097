import { describe, expect, it } from 'vitest';
import { bfloat16ToFloat32, float16ToFloat32 } from '../../src/formats/float16.ts';

describe('float16ToFloat32', () => {
  it.each([
    [0x3c00, 1],
    [0xc000, -2],
    [0x3555, 0.333251953125],
    [0x0001, 2 ** -24],
    [0x03ff, 1023 * 2 ** -24],
    [0x0400, 2 ** -14],
    [0x7bff, 65504],
    [0x8000, -0],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
    [0x7e00, NaN],
  ])('%x', (bits, value) => {
    expect(float16ToFloat32(bits)).toBe(value);
  });
});

describe('bfloat16ToFloat32', () => {
  it.each([
    [0x3f80, 1],
    [0xc040, -3],
    [0x3eab, 0.333984375],
    [0x8000, -0],
    [0x7f80, Infinity],
    [0x7fc0, NaN],
  ])('%x', (bits, value) => {
    expect(bfloat16ToFloat32(bits)).toBe(value);
  });
});
