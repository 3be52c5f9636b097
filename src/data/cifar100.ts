/**
 * CIFAR-100 in its binary form (https://www.cs.toronto.edu/~kriz/cifar.html): records of a coarse label, a fine label and a
 * 32×32 image as three planes. The fine labels are the classes.
 */
import { join } from 'node:path';
import { DataError, FormatError } from '../errors.ts';
import { openBytes } from '../files/byteReader.ts';
import { fileSize, readText } from '../files/readFile.ts';
import { cifar100ClassNames } from './cifar100Names.ts';
import { cifar10Channels, cifar10Side, interleave } from './cifar10Format.ts';
import type { Dataset } from './dataset.ts';
import type { PublishedSet } from './published.ts';
import type { Part, StoredDataset } from './stored.ts';

const IMAGE_BYTES = cifar10Side * cifar10Side * cifar10Channels;

/** The two labels, then the three planes. */
export const cifar100RecordBytes = 2 + IMAGE_BYTES;

const COARSE_CLASSES = 20;

const FILES: ReadonlyMap<Part, string> = new Map([
  ['train', 'train.bin'],
  ['test', 'test.bin'],
]);

/** What the file of the class names may have. */
const MOST_NAMES_BYTES = 16_384;

/** As much as is read at a time. */
const RECORDS_AT_A_TIME = 1_000;

export const cifar100: PublishedSet = {
  name: 'cifar100',
  title: 'CIFAR-100',
  folder: 'cifar-100-binary',
  files: [...FILES.values()],
  downloads: [
    {
      name: 'cifar-100-binary.tar.gz',
      url: 'https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz',
      bytes: 168_513_733,
      sha256: '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec',
    },
  ],
  memberBytes: { 'train.bin': 50_000 * cifar100RecordBytes, 'test.bin': 10_000 * cifar100RecordBytes },
};

/** The shape of an image. */
export const cifar100Shape = [cifar10Side, cifar10Side, cifar10Channels] as const;

/**
 * Opens train.bin and test.bin in the folder `dir`, or the one that is there.
 * @throws DataError if there is neither; FormatError if fine_label_names.txt is there, but has not 100 lines
 */
export async function openCifar100(dir: string): Promise<StoredDataset> {
  const parts = new Set<Part>();
  for (const [part, name] of FILES) if ((await fileSize(join(dir, name))) !== undefined) parts.add(part);
  if (parts.size === 0)
    throw new DataError(`no CIFAR-100 file in ${dir}: train.bin and test.bin are looked for`);
  const classNames = await namesIn(dir);
  return {
    inputShape: cifar100Shape,
    classNames,
    parts,
    files: [...parts].map((part) => join(dir, FILES.get(part)!)),
    read: (part) => readCifar100File(join(dir, FILES.get(part)!), classNames),
  };
}

async function namesIn(dir: string): Promise<readonly string[]> {
  const path = join(dir, 'fine_label_names.txt');
  if ((await fileSize(path)) === undefined) return cifar100ClassNames;
  const text = await readText(path, MOST_NAMES_BYTES);
  const names = text.split(/\r?\n/).filter((line) => line !== '');
  if (names.length === cifar100ClassNames.length) return names;
  throw new FormatError(
    `${path} has ${names.length} names, but CIFAR-100 has ${cifar100ClassNames.length} classes: fetch it again, or delete it`,
  );
}

/** Images [count, 32, 32, 3] of a file, with the fine labels. A thousand records are in memory besides the result. */
async function readCifar100File(path: string, classNames: readonly string[]): Promise<Dataset> {
  const { bytes, length } = await openBytes(path);
  try {
    if (length === undefined) throw new FormatError(`${path} is packed: unpack it with gunzip first`);
    const count = recordCount(length, path);
    const images = new Uint8Array(count * IMAGE_BYTES);
    const labels = new Uint8Array(count);
    const buffer = new Uint8Array(Math.min(RECORDS_AT_A_TIME, count) * cifar100RecordBytes);
    for (let first = 0; first < count; first += RECORDS_AT_A_TIME) {
      const records = Math.min(RECORDS_AT_A_TIME, count - first);
      const part = buffer.subarray(0, records * cifar100RecordBytes);
      if ((await bytes.fill(part)) < part.length) {
        throw new DataError(`${path} changed while it was read: try again`);
      }
      for (let i = 0; i < records; i++) {
        labels[first + i] = fineLabel(part, i, first + i, path);
        interleave(part, i * cifar100RecordBytes + 2, images, (first + i) * IMAGE_BYTES);
      }
    }
    const [height, width, channels] = cifar100Shape;
    return { images, labels, count, height, width, channels, classNames };
  } finally {
    await bytes.close();
  }
}

function recordCount(length: number, path: string): number {
  const count = length / cifar100RecordBytes;
  if (Number.isInteger(count) && count > 0) return count;
  throw new FormatError(
    `${path} is ${length} bytes long, which is no multiple of the ${cifar100RecordBytes} bytes of a CIFAR-100 record: ` +
      'it may be truncated; fetch it again',
  );
}

function fineLabel(bytes: Uint8Array, at: number, record: number, path: string): number {
  const [coarse, fine] = bytes.subarray(at * cifar100RecordBytes);
  if (coarse! < COARSE_CLASSES && fine! < cifar100ClassNames.length) return fine!;
  throw new FormatError(
    `${path}: record ${record} (byte offset ${record * cifar100RecordBytes}) has the labels ${coarse} and ${fine}, but ` +
      `CIFAR-100 has ${COARSE_CLASSES} coarse and ${cifar100ClassNames.length} fine ones; the file is damaged or of ` +
      'another format: fetch it again',
  );
}
