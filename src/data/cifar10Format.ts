/**
 * The CIFAR-10 binary format (https://www.cs.toronto.edu/~kriz/cifar.html): records of one label byte and a 32×32
 * image as three planes, red, green, blue. Only bytes here, no files: the same code serves Node and a browser.
 */
import { DataError, OptionError } from '../errors.ts';
import type { Dataset } from './dataset.ts';

/** The class of each label, by index. */
export const cifar10ClassNames: readonly string[] = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
];

/** The training files, in order. A set may hold fewer. */
export const cifar10TrainFiles: readonly string[] = [
  'data_batch_1.bin',
  'data_batch_2.bin',
  'data_batch_3.bin',
  'data_batch_4.bin',
  'data_batch_5.bin',
];

/** The test file. */
export const cifar10TestFile = 'test_batch.bin';
/** The folder that the official archive unpacks to. */
export const cifar10Folder = 'cifar-10-batches-bin';

/** The height and the width of an image, in pixels. */
export const cifar10Side = 32;
/** Red, green, blue. */
export const cifar10Channels = 3;

const planePixels = cifar10Side * cifar10Side;
const imageBytes = planePixels * cifar10Channels;

/** The bytes of one record: the label, then the three planes. */
export const cifar10RecordBytes = 1 + imageBytes;

/**
 * How many records a file of `byteLength` bytes holds.
 *
 * @throws DataError if that is no whole number of records, or none.
 */
export function cifar10RecordCount(byteLength: number, fileName: string): number {
  const remedy = 'it may be truncated; fetch it again';
  if (byteLength === 0) throw new DataError(`${fileName} is empty: ${remedy}`);
  const leftOver = byteLength % cifar10RecordBytes;
  const records = (byteLength - leftOver) / cifar10RecordBytes;
  if (leftOver !== 0) {
    throw new DataError(
      `${fileName} is ${byteLength} bytes long, which is not a multiple of the ${cifar10RecordBytes} bytes of a ` +
        `CIFAR-10 record: ${records} records fit and ${leftOver} bytes are left over; ${remedy}`,
    );
  }
  return records;
}

/** A dataset of `count` images, all zero, for {@link decodeCifar10} to fill a file at a time. */
export function allocateCifar10(count: number): Dataset<Uint8Array> {
  return {
    images: new Uint8Array(count * imageBytes),
    labels: new Uint8Array(count),
    count,
    height: cifar10Side,
    width: cifar10Side,
    channels: cifar10Channels,
    classNames: cifar10ClassNames,
  };
}

/** Where {@link decodeCifar10} puts what it reads. */
export interface Cifar10Target {
  /** From {@link allocateCifar10}. */
  readonly dataset: Dataset<Uint8Array>;
  /** The index of the first image to fill. */
  readonly offset: number;
}

/**
 * Decodes a whole file: planar RGB records become images [count, 32, 32, 3] and labels [count].
 *
 * With `into` the records go into a dataset allocated for several files, so that a large set is never in memory
 * twice, and that dataset is returned; it must have room for them. If `bytes` is a part of the file, `firstRecord`
 * says which record it begins with, so that an error can name the right one.
 *
 * @throws DataError if the file is empty, ends within a record, or holds a label above 9.
 */
export function decodeCifar10(
  bytes: Uint8Array,
  fileName: string,
  into?: Cifar10Target,
  firstRecord = 0,
): Dataset<Uint8Array> {
  const records = cifar10RecordCount(bytes.length, fileName);
  const { dataset, offset } = into ?? { dataset: allocateCifar10(records), offset: 0 };
  if (offset + records > dataset.count) {
    throw new DataError(
      `${fileName} holds ${records} records, but there is room for ${dataset.count - offset}; ` +
        'it may have changed while it was read: try again',
    );
  }
  for (let record = 0; record < records; record++) {
    const start = record * cifar10RecordBytes;
    dataset.labels[offset + record] = labelAt(bytes, record, fileName, firstRecord);
    interleave(bytes, start + 1, dataset.images, (offset + record) * imageBytes);
  }
  return dataset;
}

/**
 * Checks a whole file without decoding its images and counts the records of each class, [10].
 *
 * @throws DataError as {@link decodeCifar10} does.
 */
export function countCifar10Labels(bytes: Uint8Array, fileName: string): number[] {
  const records = cifar10RecordCount(bytes.length, fileName);
  const counts = cifar10ClassNames.map(() => 0);
  for (let record = 0; record < records; record++) {
    const label = labelAt(bytes, record, fileName);
    counts[label] = counts[label]! + 1;
  }
  return counts;
}

/**
 * The inverse of {@link decodeCifar10}: images [count, 32, 32, 3] and labels below 10 as a file's bytes.
 *
 * @throws OptionError if the images are not 32×32×3, or a label is above 9.
 */
export function encodeCifar10(dataset: Dataset): Uint8Array {
  const { images, labels, count, height, width, channels } = dataset;
  if (height !== cifar10Side || width !== cifar10Side || channels !== cifar10Channels) {
    throw new OptionError(
      `the CIFAR-10 format holds 32×32×3 images, not ${height}×${width}×${channels}: resize them first`,
    );
  }
  const bytes = new Uint8Array(count * cifar10RecordBytes);
  for (let record = 0; record < count; record++) {
    const label = labels[record]!;
    if (label >= cifar10ClassNames.length) {
      throw new OptionError(`image ${record} has label ${label}: the CIFAR-10 format holds labels 0 to 9`);
    }
    const start = record * cifar10RecordBytes;
    bytes[start] = label;
    deinterleave(images, record * imageBytes, bytes, start + 1);
  }
  return bytes;
}

function labelAt(bytes: Uint8Array, record: number, fileName: string, firstRecord = 0): number {
  const label = bytes[record * cifar10RecordBytes]!;
  if (label >= cifar10ClassNames.length) {
    const inFile = firstRecord + record;
    throw new DataError(
      `${fileName}: record ${inFile} (byte offset ${inFile * cifar10RecordBytes}) has label ${label}, but CIFAR-10 labels are 0 to 9; ` +
        'the file is damaged or is not in the CIFAR-10 binary format: fetch it again',
    );
  }
  return label;
}

/** One image from planes [3, 32, 32] at `from` to pixels [32, 32, 3] at `to`. */
export function interleave(planes: Uint8Array, from: number, pixels: Uint8Array, to: number): void {
  for (let i = 0; i < planePixels; i++) {
    pixels[to + 3 * i] = planes[from + i]!;
    pixels[to + 3 * i + 1] = planes[from + planePixels + i]!;
    pixels[to + 3 * i + 2] = planes[from + 2 * planePixels + i]!;
  }
}

/** One image from pixels [32, 32, 3] at `from` to planes [3, 32, 32] at `to`. */
function deinterleave(pixels: Uint8Array, from: number, planes: Uint8Array, to: number): void {
  for (let i = 0; i < planePixels; i++) {
    planes[to + i] = pixels[from + 3 * i]!;
    planes[to + planePixels + i] = pixels[from + 3 * i + 1]!;
    planes[to + 2 * planePixels + i] = pixels[from + 3 * i + 2]!;
  }
}
