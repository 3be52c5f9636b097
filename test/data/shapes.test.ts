import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { generateShapes, shapesClassNames } from '../../src/data/shapes.ts';
import type { Dataset } from '../../src/data/dataset.ts';
import { OptionError } from '../../src/errors.ts';
import { softmaxRegression } from './softmaxRegression.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function classCounts(dataset: Dataset): number[] {
  const counts = new Array<number>(shapesClassNames.length).fill(0);
  for (const label of dataset.labels) counts[label]! += 1;
  return counts;
}

describe('generateShapes', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('draws 5,000 training and 1,000 test images of 32×32×3, balanced and shuffled', () => {
    const { train, test } = generateShapes({ seed: 3 });
    for (const [dataset, count] of [
      [train, 5_000],
      [test, 1_000],
    ] as const) {
      const { images, labels, height, width, channels } = dataset;
      expect([dataset.count, height, width, channels]).toEqual([count, 32, 32, 3]);
      expect(images.length).toBe(count * 32 * 32 * 3);
      expect(labels.length).toBe(count);
      expect(dataset.classNames).toEqual(shapesClassNames);
      expect(classCounts(dataset)).toEqual(new Array(10).fill(count / 10));
      // In shuffled order a label equals the one ten places on about one time in ten; unshuffled, always or never.
      const repeats = labels.filter((label, i) => label === labels[i + 10]).length;
      expect(repeats / count).toBeGreaterThan(0.05);
      expect(repeats / count).toBeLessThan(0.2);
    }
  });

  it('gives the bytes it has always given', () => {
    const { train, test } = generateShapes({ seed: 1, trainCount: 100, testCount: 50 });
    expect(sha256(train.images)).toBe('3e450a056f99f6446627e5a366abb4ae603af7aefe513e79c029a878e1ae8ac6');
    expect(sha256(train.labels)).toBe('db7c2b4b491b3f047c72767357829ab18274bc5eaebd1fc4bbd0e75da5ec8226');
    expect(sha256(test.images)).toBe('0d60efc9d5a6be29d4765e4d3d0ca368c2021241d7cbb30cbde069996f4bca17');
  });

  it('uses no function that engines may round differently', () => {
    const exact = new Set(['abs', 'ceil', 'floor', 'imul', 'max', 'min', 'round', 'sqrt', 'trunc']);
    const names = Object.getOwnPropertyNames(Math) as Exclude<keyof Math, symbol>[];
    for (const name of names) {
      if (typeof Math[name] !== 'function' || exact.has(name)) continue;
      vi.spyOn(Math, name as 'sin').mockImplementation(() => {
        throw new Error(`Math.${name} is not defined to the last bit`);
      });
    }
    expect(() => Math.sin(1)).toThrow('to the last bit');
    generateShapes({ seed: 2, trainCount: 100, testCount: 10 });
  });

  it('has a stream for each part: one does not depend on the size of the other, nor repeat it', () => {
    const a = generateShapes({ seed: 5, trainCount: 20, testCount: 20 });
    const b = generateShapes({ seed: 5, trainCount: 50, testCount: 20 });
    expect(b.test).toEqual(a.test);
    expect(a.train.images).not.toEqual(a.test.images);
  });

  it('depends on the seed', () => {
    const [a, b] = [1, 2].map((seed) => generateShapes({ seed, trainCount: 10, testCount: 10 }));
    expect(a!.train.images).not.toEqual(b!.train.images);
    expect(a!.test.images).not.toEqual(b!.test.images);
  });

  it('balances the classes within one if the count is no multiple of ten', () => {
    const { test } = generateShapes({ seed: 5, trainCount: 1, testCount: 25 });
    expect(classCounts(test).sort()).toEqual([2, 2, 2, 2, 2, 3, 3, 3, 3, 3]);
  });

  it('draws every class differently from its background', () => {
    const { train } = generateShapes({ seed: 8, trainCount: 200, testCount: 1 });
    for (let i = 0; i < train.count; i++) {
      const image = train.images.subarray(i * 3072, (i + 1) * 3072);
      const mean = image.reduce((sum, value) => sum + value, 0) / image.length;
      const deviation = Math.sqrt(image.reduce((sum, value) => sum + (value - mean) ** 2, 0) / image.length);
      expect(deviation).toBeGreaterThan(12);
    }
  });

  it('makes shapes as often lighter as darker than their background', () => {
    const { train } = generateShapes({ seed: 9, trainCount: 1_000, testCount: 1 });
    // The shapes are around the middle more often than at the border.
    let lighter = 0;
    for (let i = 0; i < train.count; i++) lighter += isLighterInTheMiddle(train, i) ? 1 : 0;
    expect(lighter).toBeGreaterThan(400);
    expect(lighter).toBeLessThan(600);
  });

  it.each([
    [{ seed: 1.5 }, 'seed'],
    [{ seed: NaN }, 'seed'],
    [{ seed: 1, trainCount: 0 }, 'trainCount'],
    [{ seed: 1, testCount: -1 }, 'testCount'],
    [{ seed: 1, testCount: 2.5 }, 'testCount'],
  ])('refuses %o', (options, culprit) => {
    expect(() => generateShapes({ trainCount: 1, testCount: 1, ...options })).toThrow(OptionError);
    expect(() => generateShapes({ trainCount: 1, testCount: 1, ...options })).toThrow(culprit);
  });

  it('cannot be told by its pixels one by one: softmax regression stays below 50 %', () => {
    const { train, test } = generateShapes({ seed: 1 });
    const { trainAccuracy, testAccuracy } = softmaxRegression(train, test);
    // It did learn something, if only by heart. Measured: 0.24 and 0.18.
    expect(trainAccuracy).toBeGreaterThan(0.15);
    expect(testAccuracy).toBeGreaterThan(0.1);
    expect(testAccuracy).toBeLessThan(0.5);
  });

  it('would be told by softmax regression if single pixels gave the class away', () => {
    const { train, test } = generateShapes({ seed: 1, trainCount: 500, testCount: 100 });
    for (const { images, labels, count } of [train, test]) {
      // The row of the class is white.
      for (let i = 0; i < count; i++)
        images.fill(255, i * 3072 + labels[i]! * 288, i * 3072 + labels[i]! * 288 + 96);
    }
    expect(softmaxRegression(train, test).testAccuracy).toBeGreaterThan(0.9);
  });
});

function isLighterInTheMiddle({ images }: Dataset, index: number): boolean {
  const sums = [0, 0];
  const counts = [0, 0];
  for (let y = 0; y < 32; y++) {
    for (let x = 0; x < 32; x++) {
      const middle = x >= 10 && x < 22 && y >= 10 && y < 22 ? 1 : 0;
      const border = x < 3 || x > 28 || y < 3 || y > 28;
      if (middle === 0 && !border) continue;
      for (let channel = 0; channel < 3; channel++) {
        sums[middle]! += images[index * 3072 + (y * 32 + x) * 3 + channel]!;
        counts[middle]! += 1;
      }
    }
  }
  return sums[1]! / counts[1]! > sums[0]! / counts[0]!;
}
