/** A check of a folder of CIFAR-10 files, down to their checksums. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DataError } from '../errors.ts';
import { fileSize, readWhole } from '../files/readFile.ts';
import {
  cifar10ClassNames,
  cifar10TestFile,
  cifar10TrainFiles,
  countCifar10Labels,
} from './cifar10Format.ts';

/** What one file holds. */
export interface Cifar10FileReport {
  readonly name: string;
  readonly bytes: number;
  readonly records: number;
  /** Records of each class, [10]. */
  readonly classCounts: readonly number[];
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** What a folder holds. */
export interface Cifar10Report {
  readonly dir: string;
  /** The files found, training files first. */
  readonly files: readonly Cifar10FileReport[];
  readonly trainCount: number;
  readonly testCount: number;
  /** Training records of each class, [10]. */
  readonly trainClassCounts: readonly number[];
  /** Test records of each class, [10]. */
  readonly testClassCounts: readonly number[];
  /** Whether the counts are those of the published set. */
  readonly isFullSet: boolean;
}

/**
 * Reads every CIFAR-10 file in the folder `dir`, one at a time, and checks its format.
 *
 * @throws DataError if there is none, or one is damaged.
 */
export async function verifyCifar10(dir: string): Promise<Cifar10Report> {
  const files: Cifar10FileReport[] = [];
  for (const name of [...cifar10TrainFiles, cifar10TestFile]) {
    const report = await verifyFile(dir, name);
    if (report !== undefined) files.push(report);
  }
  if (files.length === 0) {
    throw new DataError(`no CIFAR-10 file (${cifar10TrainFiles[0]!} to ${cifar10TestFile}) in ${dir}`);
  }
  const train = files.filter(({ name }) => name !== cifar10TestFile);
  const test = files.filter(({ name }) => name === cifar10TestFile);
  const trainClassCounts = sumCounts(train);
  const testClassCounts = sumCounts(test);
  return {
    dir,
    files,
    trainCount: sum(trainClassCounts),
    testCount: sum(testClassCounts),
    trainClassCounts,
    testClassCounts,
    isFullSet: isFullCifar10(files),
  };
}

/** Whether the files have the counts of the published set: 5 of 10,000 and 10,000 test images, classes balanced. */
export function isFullCifar10(files: readonly Pick<Cifar10FileReport, 'name' | 'classCounts'>[]): boolean {
  const test = files.filter(({ name }) => name === cifar10TestFile);
  return (
    files.length === cifar10TrainFiles.length + 1 &&
    files.every(({ classCounts }) => sum(classCounts) === 10_000) &&
    sumCounts(files).every((count) => count === 6_000) &&
    sumCounts(test).every((count) => count === 1_000)
  );
}

async function verifyFile(dir: string, name: string): Promise<Cifar10FileReport | undefined> {
  const path = join(dir, name);
  if ((await fileSize(path)) === undefined) return undefined;
  const bytes = await readWhole(path);
  const classCounts = countCifar10Labels(bytes, path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { name, bytes: bytes.length, records: sum(classCounts), classCounts, sha256 };
}

function sumCounts(files: readonly Pick<Cifar10FileReport, 'classCounts'>[]): number[] {
  return cifar10ClassNames.map((_, index) => sum(files.map(({ classCounts }) => classCounts[index]!)));
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
