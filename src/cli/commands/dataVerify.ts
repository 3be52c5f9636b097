import { basename } from 'node:path';
import type { Cifar10Report } from '../../data/verify.ts';
import { countClasses, type ClassCounts } from '../../data/classCounts.ts';
import { cifar10ClassNames } from '../../data/cifar10Format.ts';
import { DataError } from '../../errors.ts';
import { fileSize } from '../../files/readFile.ts';
import { defineCommand } from '../command.ts';
import { checkChoice, datasetOptions, definitionOf, loadSplit, type DatasetChoice } from '../datasets.ts';
import { cifar10Dataset } from '../datasets/cifar10.ts';
import { locate } from '../datasets/located.ts';
import { printJson } from '../json.ts';
import { jsonOption } from '../modelOptions.ts';
import { printable, wrap } from '../text.ts';
import { count } from '../units.ts';

export const command = defineCommand({
  options: { ...datasetOptions, ...jsonOption },
  examples: [
    ['data verify', 'Checks the files that train would take.'],
    ['data verify --data-dir DIR', 'Checks the files of a folder.'],
    ['data verify --dataset digits.npz', 'Checks a file of arrays, and counts its classes.'],
  ],
  notes: 'Exits with 1 if a file is damaged, or if the files are not the whole published set.',
  run: async ({ json, ...choice }) => {
    checkChoice(choice);
    if (definitionOf(choice) === cifar10Dataset) await verifyFiles(choice, json);
    else await verifyImages(choice, json);
  },
});

/** CIFAR-10: file by file. */
async function verifyFiles(choice: DatasetChoice, json: boolean): Promise<void> {
  const dir = await locate(cifar10Dataset.published!.set, choice, {});
  const { verifyCifar10 } = await import('../../data/verify.ts');
  const report = await verifyCifar10(dir);
  if (json) printJson(report);
  else process.stdout.write(`${filesText(report)}\n`);
  if (!report.isFullSet) {
    throw new DataError(
      `${dir} is sound, but not the published CIFAR-10 set, which has 50,000 training and 10,000 test images, ` +
        'each class as often as the others. It can be trained on all the same; "simdnet data download" gets the whole.',
    );
  }
}

/** Any dataset: reads all of it, and counts. */
async function verifyImages(choice: DatasetChoice, json: boolean): Promise<void> {
  const { published } = definitionOf(choice);
  const { train, validation, test, source, files } = await loadSplit(choice, {});
  const parts: Record<string, ClassCounts> = {
    train: countClasses(train),
    ...(validation && { validation: countClasses(validation) }),
    ...(test && { test: countClasses(test) }),
  };
  const { height, width, channels, classNames } = train;
  const reports = files && (await Promise.all(files.map(reportOf)));
  const whole = published?.trainCount === train.count && published.testCount === test?.count;
  if (json)
    printJson({
      source,
      shape: [height, width, channels],
      classNames,
      ...parts,
      ...(reports && { files: reports }),
      ...(published && { isFullSet: whole }),
    });
  else {
    const lines = [
      source,
      `  ${height}×${width}×${channels} images in ${count(classNames.length)} classes`,
      ...Object.entries(parts).map(([name, counts]) =>
        classText(TITLES[name]!, counts.count, counts.classCounts, classNames),
      ),
      ...(reports ?? []).map(fileText),
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  }
  if (published && !whole) {
    throw new DataError(
      `${source} is sound, but not the published ${published.set.title} set, which has ${count(published.trainCount)} training and ` +
        `${count(published.testCount)} test images. It can be trained on all the same; "simdnet data download --dataset ${choice.dataset}" gets the whole.`,
    );
  }
}

/** A file of any dataset. */
interface FileReport {
  readonly name: string;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

async function reportOf(path: string): Promise<FileReport> {
  const { sha256OfFile } = await import('../../data/download.ts');
  const [bytes, sha256] = [(await fileSize(path)) ?? 0, await sha256OfFile(path)];
  return { name: basename(path), bytes, sha256 };
}

function fileText({ name, bytes, sha256 }: FileReport): string {
  return `${printable(name)}: ${count(bytes)} bytes\n  SHA-256 ${sha256}`;
}

const TITLES: Readonly<Record<string, string>> = {
  train: 'Training',
  validation: 'Validation',
  test: 'Test',
};

function filesText({ dir, files, ...report }: Cifar10Report): string {
  return [
    dir,
    ...files.map(
      ({ name, records, sha256 }) =>
        `  ${name.padEnd(16)} ${count(records).padStart(6)} images\n    SHA-256 ${sha256}`,
    ),
    classText('Training', report.trainCount, report.trainClassCounts, cifar10ClassNames),
    classText('Test', report.testCount, report.testClassCounts, cifar10ClassNames),
    ...(report.isFullSet ? ['This is the whole set; every file is sound.'] : []),
  ].join('\n');
}

function classText(
  part: string,
  total: number,
  classCounts: readonly number[],
  names: readonly string[],
): string {
  const last = names.length - 1;
  const classes = names.map(
    (name, i) => `${printable(name)} ${count(classCounts[i]!)}${i < last ? ',' : ''}`,
  );
  return wrap([`${part} images: ${count(total)}:`, ...classes], 78, '  ');
}
