import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, it } from 'vitest';
import { cifar10RecordBytes } from '../../src/data/cifar10Format.ts';
import type { ClassificationReport } from '../../src/evaluation/classificationReport.ts';
import { decodePng } from '../../src/formats/png.ts';
import { cifar10Folder, jsonLines, records, signalWhen, simdnet, temporaryFolder } from './simdnet.ts';

type Stored = ClassificationReport & {
  readonly loss: number;
  readonly model: string;
  readonly dataset: string;
};

const FILES = [
  'calibration.png',
  'classes.csv',
  'confusion.csv',
  'confusion.png',
  'mistakes.csv',
  'mistakes.png',
  'report.json',
];

let data: string;
let model: string;

beforeAll(async () => {
  data = await cifar10Folder(64, 40);
  const out = await temporaryFolder();
  const { code } = await simdnet(['train', '--data-dir', data, '--epochs', '2', '--out', out]);
  expect(code).toBe(0);
  model = join(out, 'model.safetensors');
});

async function reportIn(folder: string): Promise<Stored> {
  expect((await readdir(folder)).sort()).toEqual(FILES);
  for (const name of FILES.filter((each) => each.endsWith('.png'))) {
    expect(decodePng(await readFile(join(folder, name)), name).width).toBeGreaterThan(500);
  }
  return JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as Stored;
}

async function table(path: string): Promise<Record<string, string>[]> {
  return parse(await readFile(path), { columns: true });
}

/** A folder whose test images are only of one label. */
async function testOf(label: number, count: number): Promise<string> {
  const folder = await temporaryFolder();
  const all = records(10 * count);
  const chosen = Array.from({ length: 10 * count }, (_, i) =>
    all.subarray(i * cifar10RecordBytes, (i + 1) * cifar10RecordBytes),
  ).filter(([first]) => first === label);
  await writeFile(join(folder, 'test_batch.bin'), Buffer.concat(chosen));
  return folder;
}

describe.concurrent('evaluate --report', () => {
  it('writes figures and tables that agree with each other and with evaluate', async () => {
    const folder = join(await temporaryFolder(), 'new', 'report');
    const args = ['evaluate', '--model', model, '--data-dir', data];
    const [plain, { code, stdout, stderr }] = await Promise.all([
      simdnet([...args, '--json']),
      simdnet([...args, '--report', folder]),
    ]);
    expect([code, stderr]).toEqual([0, '']);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThan(80 + data.length);
    expect(stdout).toMatch(/\nTest accuracy = [01]\.\d{3}\n/);
    expect(stdout).toMatch(/\n│ Class +│ Precision │ Recall │ +F1 │ Images │\n/);
    expect(stdout).toMatch(/\n│ weighted average │ +\d.\d{3} │ +\d.\d{3} │ +\d.\d{3} │ +40 │\n/);
    expect(stdout.endsWith(`\n\nReport: ${folder}\n`)).toBe(true);

    const report = await reportIn(folder);
    const [evaluation] = jsonLines(plain.stdout);
    expect(report).toMatchObject({ ...evaluation, model, dataset: 'cifar10', count: 40 });
    expect(report.negativeLogLikelihood).toBeCloseTo(report.loss, 4);
    expect(report.topKAccuracy[0]).toBe(report.accuracy);
    expect(report.confusion.flat().reduce((sum, images) => sum + images, 0)).toBe(40);
    expect(report.mistakes).toHaveLength(report.mistakeCount);
    const confusion = await table(join(folder, 'confusion.csv'));
    expect(confusion.map(({ actual }) => actual)).toEqual(report.classes.map(({ name }) => name));
    expect(confusion.map((row) => Object.values(row).slice(1).map(Number))).toEqual(report.confusion);
    const mistakes = await table(join(folder, 'mistakes.csv'));
    expect(mistakes.map(({ index }) => Number(index))).toEqual(report.mistakes.map(({ index }) => index));
    const classes = await table(join(folder, 'classes.csv'));
    classes.forEach((row, label) => {
      const { name, ...numbers } = report.classes[label]!;
      expect(row).toMatchObject({ class: name });
      for (const [column, value] of Object.entries(numbers)) expect(Number(row[column])).toBe(value);
    });
  });

  it('prints what report.json holds as a line of JSON', async () => {
    const folder = await temporaryFolder();
    const args = ['evaluate', '--model', model, '--data-dir', data, '--report', folder, '--json'];
    const { code, stdout, stderr } = await simdnet(args);
    expect([code, stderr]).toEqual([0, '']);
    expect(jsonLines(stdout)).toEqual([await reportIn(folder)]);
  });

  it('takes images of one class only, and says what is undefined', async () => {
    const folder = await temporaryFolder();
    const only = await testOf(3, 5);
    const { code, stdout } = await simdnet([
      'evaluate',
      '--model',
      model,
      '--data-dir',
      only,
      '--report',
      folder,
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/│ airplane +│ +[–\d.]+ │ +– │/);
    const { classes, count } = await reportIn(folder);
    expect(classes.map(({ support }) => support)).toEqual([0, 0, 0, count, 0, 0, 0, 0, 0, 0]);
  });

  it('replaces an earlier report, and leaves other files alone', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'report.json'), 'old');
    await writeFile(join(folder, 'mine.txt'), 'mine');
    const args = ['evaluate', '--model', model, '--data-dir', data, '--report', folder];
    expect((await simdnet(args)).code).toBe(0);
    expect((await readdir(folder)).sort()).toEqual([...FILES, 'mine.txt'].sort());
    expect(await readFile(join(folder, 'report.json'), 'utf8')).toContain('"confusion"');
  });

  it('refuses a folder that another process works in, and what is no folder', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'file');
    await writeFile(file, '');
    const args = ['evaluate', '--model', model, '--data-dir', data, '--report'];
    const isFile = await simdnet([...args, file]);
    expect([isFile.code, isFile.stdout]).toEqual([1, '']);
    expect(isFile.stderr).toContain(
      `The report cannot be saved in ${file}: ${file} is a file, not a folder.`,
    );
    expect(isFile.stderr).toContain('Name another folder with --report.');
    await mkdir(join(folder, 'run'));
    const { lockFolder } = await import('../../src/files/lock.ts');
    const lock = lockFolder(join(folder, 'run'));
    const locked = await simdnet([...args, join(folder, 'run')]);
    lock.release();
    expect([locked.code, locked.stdout]).toEqual([1, '']);
    expect(locked.stderr).toContain('Another process works in');
    expect(await readdir(join(folder, 'run'))).toEqual([]);
  });

  it('removes the folder that it made, where there is nothing to report', async () => {
    const parent = await temporaryFolder();
    const args = ['evaluate', '--model', model, '--report', join(parent, 'a', 'b'), '--data-dir'];
    const noData = await simdnet([...args, join(parent, 'no')]);
    expect(noData.code).toBe(1);
    expect(await readdir(parent)).toEqual([]);
    const interrupted = await simdnet([...args, data], {
      onOutput: signalWhen(/^/, 'SIGINT'),
    });
    // It may have been just too late.
    if (interrupted.code === 0) return;
    expect(interrupted.code).toBe(130);
    expect(await readdir(parent)).toEqual([]);
  });
});
