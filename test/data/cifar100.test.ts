import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { cifar100RecordBytes, openCifar100 } from '../../src/data/cifar100.ts';
import { cifar100ClassNames } from '../../src/data/cifar100Names.ts';
import { decodeCifar10 } from '../../src/data/cifar10Format.ts';
import { DataError, FormatError } from '../../src/errors.ts';
import { cifar100Records, records, rejection, temporaryFolder } from './fixtures.ts';

describe('openCifar100', () => {
  it('reads the fine labels, and images as CIFAR-10 has them', async () => {
    const dir = await temporaryFolder();
    await writeFile(join(dir, 'train.bin'), cifar100Records(1_003));
    await writeFile(join(dir, 'test.bin'), cifar100Records(2, 98));
    const stored = await openCifar100(dir);
    expect(stored.files).toEqual([...stored.parts].map((part) => join(dir, `${part}.bin`)));
    expect([...stored.parts]).toEqual(['train', 'test']);
    expect(stored.inputShape).toEqual([32, 32, 3]);
    const train = await stored.read('train');
    expect(train).toMatchObject({ count: 1_003, height: 32, width: 32, channels: 3 });
    expect(train.labels).toEqual(Uint8Array.from({ length: 1_003 }, (_, i) => i % 100));
    // More than are read at a time.
    const same = decodeCifar10(records(1_003), 'f').images;
    expect(Buffer.compare(train.images, same)).toBe(0);
    const test = await stored.read('test');
    expect([...test.labels].map((label) => test.classNames[label])).toEqual(['woman', 'worm']);
  });

  it('has a hundred names, in the order of the alphabet', () => {
    expect(cifar100ClassNames).toHaveLength(100);
    expect(cifar100ClassNames.toSorted()).toEqual(cifar100ClassNames);
    expect(new Set(cifar100ClassNames).size).toBe(100);
  });

  it('takes the names from the folder, if they are there', async () => {
    const dir = await temporaryFolder();
    await writeFile(join(dir, 'test.bin'), cifar100Records(1));
    const names = cifar100ClassNames.map((name) => name.toUpperCase());
    await writeFile(join(dir, 'fine_label_names.txt'), `${names.join('\r\n')}\n\n`);
    const stored = await openCifar100(dir);
    expect([...stored.parts]).toEqual(['test']);
    expect((await stored.read('test')).classNames).toEqual(names);
    await writeFile(join(dir, 'fine_label_names.txt'), 'apple\nbear\n');
    const error = await rejection(openCifar100(dir));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toContain(
      `${join(dir, 'fine_label_names.txt')} has 2 names, but CIFAR-100 has 100`,
    );
  });

  it('names the folder if it has none of the files', async () => {
    const dir = await temporaryFolder();
    const error = await rejection(openCifar100(dir));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain(`no CIFAR-100 file in ${dir}`);
  });

  const record = cifar100Records(3);
  it.each([
    ['empty', new Uint8Array(0), 'is 0 bytes long, which is no multiple of the 3074'],
    ['cut short', record.subarray(0, 5_000), 'is 5000 bytes long, which is no multiple of the 3074'],
    ['packed', gzipSync(record), 'is packed: unpack it with gunzip first'],
    [
      'of a fine label too large',
      record.with(2 * cifar100RecordBytes + 1, 100),
      'record 2 (byte offset 6148) has the labels 2 and 100',
    ],
    [
      'of a coarse label too large',
      record.with(cifar100RecordBytes, 20),
      'record 1 (byte offset 3074) has the labels 20 and 1',
    ],
  ])('refuses a file that is %s', async (_what, bytes, message) => {
    const dir = await temporaryFolder();
    await writeFile(join(dir, 'test.bin'), bytes);
    const error = await rejection((await openCifar100(dir)).read('test'));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toContain(join(dir, 'test.bin'));
    expect(error.message).toContain(message);
  });
});
