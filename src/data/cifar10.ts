/** CIFAR-10 from a folder of its binary files. */
import { join } from 'node:path';
import { DataError, OptionError } from '../errors.ts';
import { fileSize, readInto, readWhole } from '../files/readFile.ts';
import {
  allocateCifar10,
  cifar10RecordBytes,
  cifar10RecordCount,
  cifar10TestFile,
  cifar10TrainFiles,
  decodeCifar10,
} from './cifar10Format.ts';
import type { Dataset, TrainTestSplit } from './dataset.ts';

/**
 * Reads the training and the test images of the folder `dir`.
 *
 * @throws DataError if the test file or all training files are missing, or a file is damaged.
 */
export async function readCifar10(dir: string): Promise<TrainTestSplit> {
  // The test file first: it is the small one, so that a folder that lacks it is refused at once.
  const test = await readCifar10Test(dir);
  return { train: await readCifar10Train(dir), test };
}

/**
 * Reads the training files that the folder `dir` has, in order: data_batch_1.bin to data_batch_5.bin, at least one.
 * Images [count, 32, 32, 3]. One file at a time is in memory besides the result.
 *
 * @throws DataError if there is none, or one is damaged.
 */
export async function readCifar10Train(dir: string): Promise<Dataset<Uint8Array>> {
  const files: { path: string; records: number }[] = [];
  for (const name of cifar10TrainFiles) {
    const path = join(dir, name);
    const size = await fileSize(path);
    if (size !== undefined) files.push({ path, records: cifar10RecordCount(size, path) });
  }
  if (files.length === 0) {
    throw new DataError(
      `no CIFAR-10 training file in ${dir}: at least one of ${cifar10TrainFiles[0]!} to ` +
        `${cifar10TrainFiles.at(-1)!} is needed`,
    );
  }
  const dataset = allocateCifar10(files.reduce((sum, { records }) => sum + records, 0));
  // One buffer for all files: what the garbage collector would make of several is not to be relied on.
  const buffer = new Uint8Array(Math.max(...files.map(({ records }) => records)) * cifar10RecordBytes);
  let offset = 0;
  for (const { path, records } of files) {
    const length = records * cifar10RecordBytes;
    const bytes = buffer.subarray(0, await readInto(path, buffer.subarray(0, length), 0));
    if (bytes.length < length) throw new DataError(`${path} changed while it was read: try again`);
    decodeCifar10(bytes, path, { dataset, offset });
    offset += records;
  }
  return dataset;
}

/**
 * Reads test_batch.bin of the folder `dir`: images [count, 32, 32, 3].
 *
 * @throws DataError if it is missing or damaged.
 */
export async function readCifar10Test(dir: string): Promise<Dataset<Uint8Array>> {
  const path = join(dir, cifar10TestFile);
  if ((await fileSize(path)) === undefined) throw missingTestFile(dir);
  return decodeCifar10(await readWhole(path), path);
}

/**
 * Reads one image of test_batch.bin, [1, 32, 32, 3], and nothing else of the file.
 *
 * @param index Which image, from 0.
 * @throws OptionError if there is no such image; DataError if the file is missing or damaged.
 */
export async function readCifar10TestImage(dir: string, index: number): Promise<Dataset<Uint8Array>> {
  const path = join(dir, cifar10TestFile);
  const size = await fileSize(path);
  if (size === undefined) throw missingTestFile(dir);
  const count = cifar10RecordCount(size, path);
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new OptionError(`there is no test image ${index}: ${path} holds images 0 to ${count - 1}`);
  }
  const record = new Uint8Array(cifar10RecordBytes);
  const length = await readInto(path, record, index * cifar10RecordBytes);
  return decodeCifar10(record.subarray(0, length), path, undefined, index);
}

function missingTestFile(dir: string): DataError {
  return new DataError(
    `${cifar10TestFile} is missing from ${dir}: the CIFAR-10 test images are read from it`,
  );
}
