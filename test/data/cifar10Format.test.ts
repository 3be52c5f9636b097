import { describe, expect, it } from 'vitest';
import {
  allocateCifar10,
  cifar10ClassNames,
  cifar10RecordCount,
  countCifar10Labels,
  decodeCifar10,
  encodeCifar10,
} from '../../src/data/cifar10Format.ts';
import { DataError, OptionError } from '../../src/errors.ts';
import { records } from './fixtures.ts';

describe('decodeCifar10', () => {
  it('turns planes into pixels', () => {
    const bytes = records(3, 7);
    const dataset = decodeCifar10(bytes, 'some.bin');
    const { count, height, width, channels } = dataset;
    expect([count, height, width, channels]).toEqual([3, 32, 32, 3]);
    expect([...dataset.labels]).toEqual([7, 8, 9]);
    expect(dataset.classNames).toBe(cifar10ClassNames);
    for (const [image, y, x, channel] of [
      [0, 0, 0, 0],
      [0, 0, 1, 2],
      [1, 31, 31, 1],
      [2, 5, 17, 2],
    ] as const) {
      const planar = image * 3073 + 1 + channel * 1024 + y * 32 + x;
      expect(dataset.images[((image * 32 + y) * 32 + x) * 3 + channel]).toBe(bytes[planar]);
    }
  });

  it('is undone by encodeCifar10', () => {
    const bytes = records(12);
    expect(encodeCifar10(decodeCifar10(bytes, 'some.bin'))).toEqual(bytes);
  });

  it('fills a dataset allocated for several files', () => {
    const dataset = allocateCifar10(3);
    const images = dataset.images;
    decodeCifar10(records(2), 'a.bin', { dataset, offset: 0 });
    const result = decodeCifar10(records(1, 5), 'b.bin', { dataset, offset: 2 });
    expect(result.images).toBe(images);
    expect([...result.labels]).toEqual([0, 1, 5]);
    expect(result.images.subarray(0, 6144)).toEqual(decodeCifar10(records(2), 'a.bin').images);
    expect(result.images.subarray(6144)).toEqual(decodeCifar10(records(1), 'b.bin').images);
  });

  it('refuses more records than there is room for', () => {
    const into = { dataset: allocateCifar10(3), offset: 2 };
    expect(() => decodeCifar10(records(2), 'a.bin', into)).toThrow(DataError);
    expect(() => decodeCifar10(records(2), 'a.bin', into)).toThrow(/a\.bin holds 2 records.*room for 1/);
  });

  it('refuses an empty file', () => {
    expect(() => decodeCifar10(new Uint8Array(0), 'a.bin')).toThrow(DataError);
    expect(() => decodeCifar10(new Uint8Array(0), 'a.bin')).toThrow(/a\.bin is empty.*truncated/);
  });

  it.each([
    [3072, 'a.bin is 3072 bytes long', '0 records fit and 3072 bytes are left over'],
    [3074, 'a.bin is 3074 bytes long', '1 records fit and 1 bytes are left over'],
    [9218, 'a.bin is 9218 bytes long', '2 records fit and 3072 bytes are left over'],
  ])('refuses a file of %i bytes', (length, ...parts) => {
    for (const part of [...parts, 'multiple of the 3073', 'truncated']) {
      expect(() => decodeCifar10(records(4).subarray(0, length), 'a.bin')).toThrow(part);
      expect(() => countCifar10Labels(records(4).subarray(0, length), 'a.bin')).toThrow(part);
    }
    expect(() => cifar10RecordCount(length, 'a.bin')).toThrow(DataError);
  });

  it.each([10, 255])('refuses the label %i', (label) => {
    const bytes = records(4);
    bytes[2 * 3073] = label;
    const message = `a.bin: record 2 (byte offset 6146) has label ${label}`;
    for (const read of [decodeCifar10, countCifar10Labels]) {
      expect(() => read(bytes, 'a.bin')).toThrow(DataError);
      expect(() => read(bytes, 'a.bin')).toThrow(message);
    }
  });

  it('names the record within the file if it is given a part of one', () => {
    const bytes = records(2);
    bytes[3073] = 77;
    expect(() => decodeCifar10(bytes, 'a.bin', undefined, 40)).toThrow('record 41 (byte offset 125993)');
  });
});

describe('countCifar10Labels', () => {
  it('counts the records of each class', () => {
    expect(countCifar10Labels(records(12, 9), 'a.bin')).toEqual([2, 1, 1, 1, 1, 1, 1, 1, 1, 2]);
  });
});

describe('encodeCifar10', () => {
  it('refuses images of another size', () => {
    const dataset = { ...allocateCifar10(1), height: 28 };
    expect(() => encodeCifar10(dataset)).toThrow(OptionError);
    expect(() => encodeCifar10(dataset)).toThrow('28×32×3');
  });

  it('refuses a label above 9', () => {
    const dataset = allocateCifar10(2);
    dataset.labels[1] = 10;
    expect(() => encodeCifar10(dataset)).toThrow(OptionError);
    expect(() => encodeCifar10(dataset)).toThrow('image 1 has label 10');
  });
});
