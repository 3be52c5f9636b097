import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasIdxFiles, openIdx, readIdx } from '../../src/data/idx.ts';
import { DataError, FormatError } from '../../src/errors.ts';
import { mostUnpacked } from '../../src/limits.ts';
import { idxFile } from '../formats/idxBuilder.ts';
import { rejection, temporaryFolder } from './fixtures.ts';

const labels = (...values: number[]): Uint8Array =>
  idxFile({ shape: [values.length], data: Uint8Array.from(values) });

async function folderOf(files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  return folder;
}

const train = {
  'train-images-idx3-ubyte': idxFile({ shape: [3, 2, 4] }),
  'train-labels-idx1-ubyte': labels(2, 0, 1),
};

describe('openIdx', () => {
  it('reads MNIST’s four files', async () => {
    const folder = await folderOf({
      ...train,
      't10k-images-idx3-ubyte': idxFile({ shape: [2, 2, 4], data: new Uint8Array(16).fill(7) }),
      't10k-labels-idx1-ubyte': labels(4, 0),
    });
    const stored = await openIdx(folder);
    expect(stored.inputShape).toEqual([2, 4, 1]);
    expect([...stored.parts]).toEqual(['train', 'test']);
    // As many as the largest label asks for, wherever it is.
    expect(stored.classNames).toEqual(['0', '1', '2', '3', '4']);
    expect(await stored.read('train')).toEqual({
      images: Uint8Array.from({ length: 24 }, (_, i) => i),
      labels: Uint8Array.of(2, 0, 1),
      count: 3,
      height: 2,
      width: 4,
      channels: 1,
      classNames: stored.classNames,
    });
    expect((await stored.read('test')).labels).toEqual(Uint8Array.of(4, 0));
  });

  it.each([
    ['packed', 'train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz', gzipSync],
    ['with a dot', 'train-images.idx3-ubyte', 'train-labels.idx1-ubyte', (bytes: Uint8Array) => bytes],
    [
      'with a name in front',
      'emnist-letters-train-images-idx3-ubyte.gz',
      'emnist-letters-train-labels-idx1-ubyte',
      gzipSync,
    ],
    ['of a test', 'test-images-idx3-ubyte', 'test-labels-idx1-ubyte', (bytes: Uint8Array) => bytes],
  ])('reads files %s', async (_what, images, names, pack) => {
    const folder = await folderOf({
      [images]: pack(train['train-images-idx3-ubyte']),
      [names]: pack(train['train-labels-idx1-ubyte']),
    });
    const stored = await openIdx(folder);
    const [part] = stored.parts;
    expect(part).toBe(images.startsWith('test') ? 'test' : 'train');
    expect((await stored.read(part!)).images).toEqual(Uint8Array.from({ length: 24 }, (_, i) => i));
  });

  it('takes the file that is not packed, where both are there', async () => {
    const folder = await folderOf({ ...train, 'train-images-idx3-ubyte.gz': Buffer.from('no gzip at all') });
    expect((await (await openIdx(folder)).read('train')).count).toBe(3);
  });

  it('reads images with channels', async () => {
    const folder = await folderOf({
      'train-images-idx4-ubyte': idxFile({ shape: [3, 2, 2, 3] }),
      'train-labels-idx1-ubyte': labels(0, 0, 1),
    });
    const stored = await openIdx(folder, ['a', 'b']);
    expect(stored.inputShape).toEqual([2, 2, 3]);
    expect((await stored.read('train')).images).toHaveLength(36);
  });

  it.each([
    [
      'no files',
      { 'readme.txt': Buffer.from('x') },
      DataError,
      'no IDX file in FOLDER: train-images-idx3-ubyte and',
    ],
    [
      'images alone',
      { 'train-images-idx3-ubyte': train['train-images-idx3-ubyte'] },
      DataError,
      'the labels that belong to it are not',
    ],
    [
      'labels alone',
      { 't10k-labels-idx1-ubyte': labels(1) },
      DataError,
      'the images that belong to it are not',
    ],
    [
      'two datasets',
      { ...train, 'emnist-train-images-idx3-ubyte': labels(1) },
      DataError,
      'has emnist-train-images-idx3-ubyte and train-images-idx3-ubyte, and which one',
    ],
    [
      'too few labels',
      { ...train, 'train-labels-idx1-ubyte': labels(1, 2) },
      FormatError,
      'has 3 images, but FOLDER/train-labels-idx1-ubyte has 2 labels',
    ],
    [
      'labels for images',
      { ...train, 'train-images-idx3-ubyte': labels(1, 2, 0) },
      FormatError,
      'has the shape [3]: images must be',
    ],
    [
      'images for labels',
      { ...train, 'train-labels-idx1-ubyte': train['train-images-idx3-ubyte'] },
      FormatError,
      'has the shape [3, 2, 4]: labels must be [count]',
    ],
    [
      'other sizes',
      {
        ...train,
        't10k-images-idx3-ubyte': idxFile({ shape: [1, 4, 2] }),
        't10k-labels-idx1-ubyte': labels(1),
      },
      FormatError,
      't10k-images-idx3-ubyte are 4×2×1, but those of FOLDER/train-images-idx3-ubyte are 2×4×1',
    ],
    [
      'a label without a name',
      { ...train, 'train-labels-idx1-ubyte': labels(0, 3, 1) },
      FormatError,
      'train-labels-idx1-ubyte: label 1 is 3, but there are 3 classes, 0 to 2',
    ],
  ])('refuses %s', async (_what, files, type, message) => {
    const folder = await folderOf(files);
    const error = await rejection(openIdx(folder, ['a', 'b', 'c']));
    expect(error).toBeInstanceOf(type);
    expect(error.message).toContain(message.replaceAll('FOLDER', folder));
    expect(error.message).toContain(folder);
  });

  it('knows a folder that has such files', async () => {
    const folder = await folderOf(train);
    expect(await hasIdxFiles(folder)).toBe(true);
    await mkdir(join(folder, 'empty'));
    expect(await hasIdxFiles(join(folder, 'empty'))).toBe(false);
    expect(await hasIdxFiles(join(folder, 'nowhere'))).toBe(false);
  });
});

describe('readIdx', () => {
  it('gives back what is in a file, packed or not', async () => {
    const path = join(await temporaryFolder(), 'file');
    const shapes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 });
    const arrays = shapes.chain((shape) => {
      const length = shape.reduce((product, size) => product * size, 1);
      return fc
        .uint8Array({ minLength: length, maxLength: length })
        .map((data) => ({ shape, data: Uint8Array.from(data) }));
    });
    await fc.assert(
      fc.asyncProperty(arrays, fc.boolean(), async (array, packed) => {
        await writeFile(path, packed ? gzipSync(idxFile(array)) : idxFile(array));
        expect(await readIdx(path)).toEqual(array);
      }),
      { numRuns: 50 },
    );
  });

  const claim = (count: number, bytes: number): Uint8Array =>
    idxFile({ shape: [count], data: new Uint8Array(bytes) });
  const most = mostUnpacked(gzipSync(claim(1, 0)).length);
  it.each([
    ['fewer bytes than it claims', claim(10, 9), 'takes 10 bytes, but 9 follow; it is damaged'],
    ['more bytes than it claims', claim(10, 11), 'takes 10 bytes, but 11 follow; it is damaged'],
    ['four gigabytes that it only claims', claim(4_294_967_295, 1), 'takes 4294967295 bytes, but 1 follow'],
    ['fewer bytes than it claims, packed', gzipSync(claim(10, 9)), 'but only 9 follow; it is damaged'],
    ['more bytes than it claims, packed', gzipSync(claim(10, 11)), 'but more follow; it is damaged'],
    ['more than a packed file may hold', gzipSync(claim(most, 0)), 'unpack it with gunzip first'],
  ])('refuses %s', async (_what, bytes, message) => {
    const path = join(await temporaryFolder(), 'some-file');
    await writeFile(path, bytes);
    const error = await rejection(readIdx(path));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toContain(`${path}: its header claims the shape [`);
    expect(error.message).toContain(message);
  });
});
