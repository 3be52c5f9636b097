import { describe, expect, it } from 'vitest';
import { hwcToChwRows, hwioToOihw } from '../../src/exchange/kernels.ts';

describe('kernels for images channels first', () => {
  it('puts HWIO kernels into OIHW', () => {
    // 1×2 taps, 2 inputs, 2 outputs; each value names its indices.
    const data = Float32Array.from([1000, 1001, 1010, 1011, 1100, 1101, 1110, 1111]);
    const { shape, data: oihw } = hwioToOihw({ shape: [1, 2, 2, 2], data });
    expect(shape).toEqual([2, 2, 1, 2]);
    expect([...oihw]).toEqual([1000, 1100, 1010, 1110, 1001, 1101, 1011, 1111]);
  });

  it('puts rows in H, W, C order into C, H, W order', () => {
    const data = Float32Array.from([0, 1, 10, 11]); // 1×2 pixels of 2 channels, 1 unit
    expect([...hwcToChwRows({ shape: [4, 1], data }, [1, 2, 2]).data]).toEqual([0, 10, 1, 11]);
  });
});
