import { describe, expect, it } from 'vitest';
import { describeImages, findImages, openImages } from '../../bench/images.ts';
import { batch, batchCount } from '../../bench/imageSet.ts';
import { inTurn } from '../../bench/peers/peer.ts';
import { DataError } from '../../src/errors.ts';

describe('the images of the benchmarks', () => {
  it('are drawn where there is no CIFAR-10, and come again after the last whole batch', async () => {
    await openImages(undefined);
    expect(describeImages()).toContain('10000 drawn shapes');
    expect(batchCount(64)).toBe(156);
    const { images, labels } = batch(155, 64);
    expect(images).toHaveLength(64 * 32 * 32 * 3);
    expect(labels).toHaveLength(64);
    expect(batch(156, 64).images.byteOffset).toBe(batch(0, 64).images.byteOffset);
    expect(images.byteOffset).toBe(155 * 64 * 32 * 32 * 3);
  });

  it('are not looked for elsewhere if the folder that was named has none', async () => {
    await expect(findImages('test/bench')).rejects.toThrow(DataError);
  });
});

describe('inTurn', () => {
  it('goes on where it stopped, and begins again', () => {
    const next = inTurn(['a', 'b', 'c']);
    expect(next(2)).toEqual(['a', 'b']);
    expect(next(3)).toEqual(['c', 'a', 'b']);
  });
});
