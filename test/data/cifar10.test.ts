import { existsSync } from 'node:fs';
import { mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  readCifar10,
  readCifar10Test,
  readCifar10TestImage,
  readCifar10Train,
} from '../../src/data/cifar10.ts';
import { decodeCifar10 } from '../../src/data/cifar10Format.ts';
import { isFullCifar10, verifyCifar10 } from '../../src/data/verify.ts';
import { DataError, OptionError } from '../../src/errors.ts';
import { records, rejection, temporaryFolder, writeCifar10 } from './fixtures.ts';
import { peakOfArrays } from './memory.ts';

const official = fileURLToPath(new URL('../../../shared/cifar-10-batches-bin', import.meta.url));

describe('readCifar10', () => {
  it('reads the training files in order, and the test file', async () => {
    const dir = await temporaryFolder();
    await writeCifar10(dir, 2);
    const { train, test } = await readCifar10(dir);
    expect(train.count).toBe(10);
    expect([...train.labels]).toEqual([0, 1, 1, 2, 2, 3, 3, 4, 4, 5]);
    expect(train.images.length).toBe(10 * 3072);
    expect(train.images.subarray(8 * 3072)).toEqual(decodeCifar10(records(2), 'x').images);
    expect([...test.labels]).toEqual([5, 6]);
    expect(test.images).toEqual(decodeCifar10(records(2), 'x').images);
  });

  it('takes fewer than five training files, of any number of records', async () => {
    const dir = await temporaryFolder();
    await writeFile(join(dir, 'data_batch_4.bin'), records(3, 4));
    await writeFile(join(dir, 'data_batch_2.bin'), records(1, 9));
    expect([...(await readCifar10Train(dir)).labels]).toEqual([9, 4, 5, 6]);
  });

  it('names the test file and the folder if it is missing', async () => {
    const dir = await temporaryFolder();
    await writeCifar10(dir);
    await rm(join(dir, 'test_batch.bin'));
    for (const read of [readCifar10, readCifar10Test, (folder: string) => readCifar10TestImage(folder, 0)]) {
      const error = await rejection(read(dir));
      expect(error).toBeInstanceOf(DataError);
      expect(error.message).toContain(`test_batch.bin is missing from ${dir}`);
    }
    expect((await readCifar10Train(dir)).count).toBe(10);
  });

  it('names the folder if it has no training file, or does not exist', async () => {
    const dir = await temporaryFolder();
    await writeFile(join(dir, 'test_batch.bin'), records(1));
    for (const folder of [dir, join(dir, 'nowhere')]) {
      const error = await rejection(readCifar10Train(folder));
      expect(error).toBeInstanceOf(DataError);
      expect(error.message).toContain(`no CIFAR-10 training file in ${folder}`);
    }
    expect((await rejection(readCifar10(dir))).message).toContain('no CIFAR-10 training file');
  });

  it.each([
    [0, /data_batch_3\.bin is empty/],
    [3000, /data_batch_3\.bin is 3000 bytes long.*0 records fit/],
    [6145, /data_batch_3\.bin is 6145 bytes long.*1 records fit and 3072 bytes are left over/],
    [6150, /data_batch_3\.bin is 6150 bytes long.*2 records fit and 4 bytes are left over/],
  ])('refuses a training file of %i bytes', async (length, message) => {
    const dir = await temporaryFolder();
    await writeCifar10(dir, 2);
    await truncate(join(dir, 'data_batch_3.bin'), length);
    for (const read of [readCifar10, verifyCifar10]) {
      const error = await rejection(read(dir));
      expect(error).toBeInstanceOf(DataError);
      expect(error.message).toMatch(message);
      expect(error.message).toContain(dir);
    }
  });

  it('refuses a label above 9, and names its place', async () => {
    const dir = await temporaryFolder();
    await writeCifar10(dir, 2);
    const bytes = records(2);
    bytes[3073] = 12;
    await writeFile(join(dir, 'data_batch_5.bin'), bytes);
    for (const read of [readCifar10, verifyCifar10]) {
      const error = await rejection(read(dir));
      expect(error).toBeInstanceOf(DataError);
      expect(error.message).toContain('data_batch_5.bin: record 1 (byte offset 3073) has label 12');
    }
  });

  it('refuses a folder in the place of a file', async () => {
    const dir = await temporaryFolder();
    await mkdir(join(dir, 'test_batch.bin'));
    const error = await rejection(readCifar10(dir));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain('test_batch.bin is not a file');
  });
});

describe('readCifar10TestImage', () => {
  it('reads the one image', async () => {
    const dir = await temporaryFolder();
    await writeFile(join(dir, 'test_batch.bin'), records(5, 3));
    const whole = await readCifar10Test(dir);
    for (const index of [0, 2, 4]) {
      const image = await readCifar10TestImage(dir, index);
      expect(image.count).toBe(1);
      expect([...image.labels]).toEqual([whole.labels[index]]);
      expect(image.images).toEqual(whole.images.slice(index * 3072, (index + 1) * 3072));
    }
  });

  it('looks at no other record', async () => {
    const dir = await temporaryFolder();
    const bytes = records(3);
    bytes[2 * 3073] = 99;
    await writeFile(join(dir, 'test_batch.bin'), bytes);
    expect((await readCifar10TestImage(dir, 1)).labels[0]).toBe(1);
    const error = await rejection(readCifar10TestImage(dir, 2));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain('test_batch.bin: record 2 (byte offset 6146) has label 99');
  });

  it.each([-1, 3, 1.5, NaN])('refuses the index %d', async (index) => {
    const dir = await temporaryFolder();
    await writeFile(join(dir, 'test_batch.bin'), records(3));
    const error = await rejection(readCifar10TestImage(dir, index));
    expect(error).toBeInstanceOf(OptionError);
    expect(error.message).toContain(`no test image ${index}`);
    expect(error.message).toContain('images 0 to 2');
  });

  it('refuses a truncated file', async () => {
    const dir = await temporaryFolder();
    await writeFile(join(dir, 'test_batch.bin'), records(3).subarray(0, 9000));
    expect(await rejection(readCifar10TestImage(dir, 0))).toBeInstanceOf(DataError);
  });
});

describe('verifyCifar10', () => {
  it('reports on each file', async () => {
    const dir = await temporaryFolder();
    await writeFile(join(dir, 'data_batch_2.bin'), records(11, 0));
    await writeFile(join(dir, 'test_batch.bin'), records(2, 8));
    const report = await verifyCifar10(dir);
    expect(report).toMatchObject({ dir, trainCount: 11, testCount: 2, isFullSet: false });
    expect(report.trainClassCounts).toEqual([2, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect(report.testClassCounts).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    expect(report.files.map(({ name }) => name)).toEqual(['data_batch_2.bin', 'test_batch.bin']);
    expect(report.files[0]).toMatchObject({ bytes: 33803, records: 11 });
    // sha256sum of the same bytes.
    expect(report.files[1]!.sha256).toBe('93ae391b5949282dd0cc9482b7fcc8ebc347f294f64e8ee9c34f511a88a2f0c5');
  });

  it('refuses a folder without any of the files', async () => {
    const dir = await temporaryFolder();
    const error = await rejection(verifyCifar10(dir));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain(dir);
  });

  it('does not take six small files for the full set', async () => {
    const dir = await temporaryFolder();
    await writeCifar10(dir, 10);
    expect((await verifyCifar10(dir)).isFullSet).toBe(false);
  });
});

describe('isFullCifar10', () => {
  const even = (count: number): number[] => new Array<number>(10).fill(count);
  // As in the published files: a training file is not balanced, all five together are.
  const full = [995, 1005, 1000, 1000, 1000].map((first, k) => ({
    name: `data_batch_${k + 1}.bin`,
    classCounts: [first, 2000 - first, ...even(1000).slice(2)],
  }));
  const test = { name: 'test_batch.bin', classCounts: even(1000) };

  it('knows the published counts', () => {
    expect(isFullCifar10([...full, test])).toBe(true);
  });

  const uneven = [1001, 999, ...even(1000).slice(2)];
  const larger = even(1000).with(0, 1001);
  it.each([
    ['a file is missing', [...full.slice(1), test]],
    ['the test file is missing', full],
    ['the training classes are not balanced', [{ ...full[0]!, classCounts: uneven }, ...full.slice(1), test]],
    [
      'the test classes are not balanced',
      [
        ...full.slice(0, 2),
        { ...full[2]!, classCounts: [999, 1001, ...even(1000).slice(2)] },
        ...full.slice(3),
        { ...test, classCounts: uneven },
      ],
    ],
    ['a file is larger', [{ ...full[0]!, classCounts: larger }, ...full.slice(1), test]],
    [
      'records have moved from file to file',
      [
        { ...full[0]!, classCounts: full[0]!.classCounts.with(2, 1001) },
        { ...full[1]!, classCounts: full[1]!.classCounts.with(2, 999) },
        ...full.slice(2),
        test,
      ],
    ],
  ])('notices that %s', (_what, files) => {
    expect(isFullCifar10(files)).toBe(false);
  });
});

describe.skipIf(!existsSync(official))('the published files', () => {
  it('are the full set', async () => {
    const report = await verifyCifar10(official);
    expect(report).toMatchObject({ trainCount: 50_000, testCount: 10_000, isFullSet: true });
    expect(report.files).toHaveLength(6);
  });

  it('begin with a cat in the test file', async () => {
    const image = await readCifar10TestImage(official, 0);
    expect(image.classNames[image.labels[0]!]).toBe('cat');
    // The first pixels, as the Python version of the dataset has them.
    expect([...image.images.subarray(0, 6)]).toEqual([158, 112, 49, 159, 111, 47]);
  });

  it('are read without ever being held twice', async () => {
    const { result: train, peak } = await peakOfArrays(() => readCifar10Train(official));
    expect(train.count).toBe(50_000);
    expect(peak).toBeGreaterThan(150_000_000);
    // The result is 154 MB and a file is 31 MB.
    expect(peak).toBeLessThan(1.3 * train.images.length);
  });
});
