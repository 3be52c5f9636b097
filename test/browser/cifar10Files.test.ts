import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readCifar10Files, type ChosenFile } from '../../src/browser/trainer/cifar10Files.ts';
import { loadCifar10 } from '../../src/browser/trainer/datasets.ts';
import { cifar10TestFile, cifar10TrainFiles, decodeCifar10 } from '../../src/data/cifar10Format.ts';
import { DataError } from '../../src/errors.ts';
import { archiveOf, goodMembers, memberRecords, tarOf } from '../data/archives.ts';
import { records } from '../data/fixtures.ts';

const file = (name: string, bytes: Uint8Array): ChosenFile => new File([Buffer.from(bytes)], name);

/** A file that is said to have a record, and has so many bytes once it is read. */
const growing = (bytes: number): Omit<ChosenFile, 'name'> => ({
  size: 3073,
  stream: () => new Blob([new Uint8Array(bytes)]).stream(),
});

const binaries = (names: readonly string[]): ChosenFile[] =>
  names.map((name, k) => file(name, records(memberRecords, k)));

describe('readCifar10Files', () => {
  const all = [...cifar10TrainFiles, cifar10TestFile];

  it('reads the binary files, in their order whatever the order of choice', async () => {
    const beside = file('batches.meta.txt', new TextEncoder().encode('airplane'));
    const { train, test } = await readCifar10Files([beside, ...binaries(all).reverse()]);
    expect(train.count).toBe(5 * memberRecords);
    const third = decodeCifar10(records(memberRecords, 2), 'third');
    const size = third.images.length;
    expect(train.images.subarray(2 * size, 3 * size)).toEqual(third.images);
    expect(test!.labels).toEqual(decodeCifar10(records(memberRecords, 5), 'test').labels);
  });

  it.each([
    ['cifar-10-binary.tar.gz', archiveOf],
    ['cifar-10-binary.tar', tarOf],
  ] as const)('reads %s to the same', async (name, make) => {
    const shares: number[] = [];
    const archive = file(name, await make(goodMembers()));
    const split = await readCifar10Files([archive], (share) => shares.push(share));
    expect(split).toEqual(await readCifar10Files(binaries(all)));
    expect(shares.every((share, i) => share > (shares[i - 1] ?? 0))).toBe(true);
  });

  it('does with some of the files', async () => {
    const { train, test } = await readCifar10Files(binaries(cifar10TrainFiles.slice(0, 2)));
    expect(train.count).toBe(2 * memberRecords);
    expect(test).toBeUndefined();
    // The last fifth, which nothing is trained on, stands in for the test images.
    const data = await loadCifar10(binaries(cifar10TrainFiles.slice(0, 2)), () => undefined);
    expect(data.testIsValidation).toBe(true);
    expect(data.test.images).toEqual(train.images.subarray(train.images.length * 0.8));
  });

  const text = new TextEncoder().encode('hello');
  it.each<[string, () => readonly ChosenFile[] | Promise<readonly ChosenFile[]>, RegExp]>([
    [
      'another kind of file',
      () => [file('cat.png', text)],
      /cat\.png is not a CIFAR-10 file\. Choose cifar-10-/,
    ],
    ['no file', () => [], /There is no file\. Choose cifar-10-/],
    ['only the test file', () => binaries([cifar10TestFile]), /no images to train on/],
    ['a part of a file', () => [file('data_batch_1.bin', records(2).slice(1))], /6145 bytes long/],
    [
      'a wrong label',
      () => [file('data_batch_1.bin', records(2).fill(77, 3073, 3074))],
      /record 1 .* has label 77/,
    ],
    ['no gzip', () => [file('a.tar.gz', text)], /a\.tar\.gz is damaged, cut short or no gzip file/],
    [
      'half an archive',
      async () => [file('a.tar.gz', (await archiveOf(goodMembers())).slice(0, 3000))],
      /a\.tar\.gz is damaged, cut short/,
    ],
    ['gzip of something else', () => [file('a.tar.gz', gzipSync(text))], /a\.tar\.gz holds no tar archive/],
    [
      'another archive',
      async () => [file('a.tar', await tarOf([{ header: { name: 'x' }, content: text }]))],
      /a\.tar is not the binary version/,
    ],
    [
      'the version for Python',
      () => [file('cifar-10-python.tar.gz', text)],
      /is the version of CIFAR-10 for Python/,
    ],
    [
      'an archive that unpacks to a thousand times its size',
      async () => [
        file(
          'a.tar.gz',
          await archiveOf([{ header: { name: 'x' }, content: new Uint8Array(20e6) }, ...goodMembers()]),
        ),
      ],
      /a\.tar\.gz is not CIFAR-10: it unpacks to more than \d+ bytes/,
    ],
    [
      'a file that has become longer',
      () => [{ ...growing(3074), name: 'data_batch_1.bin' }],
      /data_batch_1\.bin changed while it was read: try again/,
    ],
    [
      'a file that has become shorter',
      () => [{ ...growing(3000), name: 'data_batch_1.bin' }],
      /data_batch_1\.bin changed while it was read: try again/,
    ],
    [
      'an archive and more',
      () => [file('a.tar.gz', text), ...binaries(all)],
      /either the archive or the binary files/,
    ],
  ])('refuses %s', async (_, make, message) => {
    const files = await make();
    await expect(readCifar10Files(files)).rejects.toThrow(DataError);
    await expect(readCifar10Files(files)).rejects.toThrow(message);
  });
});
