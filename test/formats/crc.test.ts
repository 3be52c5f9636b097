import { crc32 as zlibCrc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { crc32, crc32c } from '../../src/formats/crc.ts';

describe('checksums', () => {
  it('are those that zlib computes, for every length', () => {
    for (let length = 0; length < 40; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => 255 - ((i * i * 31) % 256));
      expect(crc32(bytes)).toBe(zlibCrc32(bytes));
    }
  });

  it('are the published ones of "123456789"', () => {
    const bytes = new TextEncoder().encode('123456789');
    expect(crc32(bytes)).toBe(0xcbf43926);
    expect(crc32c(bytes)).toBe(0xe3069283);
  });
});
