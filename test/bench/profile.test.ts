import { describe, expect, it } from 'vitest';
import { stepSeconds } from '../../bench/commands/profile.ts';
import type { KernelResult } from '../../bench/kernelProfile.ts';

describe('stepSeconds', () => {
  it('adds up the calls of each repetition', () => {
    const call = (seconds: number[]): KernelResult => ({
      ...{ name: 'call', kernels: [], items: [], share: 0, seconds },
      work: { operations: 0, shape: '', multiplied: 0, bytes: 0 },
    });
    expect(stepSeconds([call([1, 2]), call([4, 8]), call([16, 32])])).toEqual([21, 42]);
  });
});
