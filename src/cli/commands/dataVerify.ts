import { DataError } from '../../errors.ts';
import { cifar10ClassNames } from '../../data/cifar10Format.ts';
import type { Cifar10Report } from '../../data/verify.ts';
import { defineCommand } from '../command.ts';
import { datasetOptions, locate } from '../datasets.ts';
import { printJson } from '../json.ts';
import { jsonOption } from '../modelOptions.ts';
import { wrap } from '../text.ts';
import { count } from '../units.ts';

export const command = defineCommand({
  options: { 'data-dir': datasetOptions['data-dir'], ...jsonOption },
  examples: [
    ['data verify', 'Checks the files that train would take.'],
    ['data verify --data-dir DIR', 'Checks the files of a folder.'],
  ],
  notes: 'Exits with 1 if a file is damaged, or if the files are not the whole published set.',
  run: async ({ dataDir, json }) => {
    const dir = await locate({ dataset: 'cifar10', dataDir }, {});
    const { verifyCifar10 } = await import('../../data/verify.ts');
    const report = await verifyCifar10(dir);
    if (json) printJson(report);
    else process.stdout.write(`${reportText(report)}\n`);
    if (!report.isFullSet) {
      throw new DataError(
        `${dir} is sound, but not the published CIFAR-10 set, which has 50,000 training and 10,000 test images, ` +
          'each class as often as the others. It can be trained on all the same; "simdnet data download" gets the whole.',
      );
    }
  },
});

function reportText({ dir, files, ...report }: Cifar10Report): string {
  return [
    dir,
    ...files.map(
      ({ name, records, sha256 }) =>
        `  ${name.padEnd(16)} ${count(records).padStart(6)} images\n    SHA-256 ${sha256}`,
    ),
    classText('Training', report.trainCount, report.trainClassCounts),
    classText('Test', report.testCount, report.testClassCounts),
    ...(report.isFullSet ? ['This is the whole set; every file is sound.'] : []),
  ].join('\n');
}

function classText(part: string, total: number, classCounts: readonly number[]): string {
  const classes = cifar10ClassNames.map((name, i) => `${name} ${count(classCounts[i]!)}${i < 9 ? ',' : ''}`);
  return wrap([`${part} images: ${count(total)}:`, ...classes], 78, '  ');
}
