import { expect, it } from 'vitest';
import { release } from '../../src/cli/train/release.ts';

it('gives the memory of an array back at once', async () => {
  const size = 64 * 2 ** 20;
  const before = process.memoryUsage().arrayBuffers;
  const array = new Uint8Array(size);
  expect(process.memoryUsage().arrayBuffers).toBeGreaterThan(before + 0.9 * size);
  await release(array.subarray(10));
  expect(array.length).toBe(0);
  expect(process.memoryUsage().arrayBuffers).toBeLessThan(before + 0.1 * size);
});
