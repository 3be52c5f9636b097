import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodePng } from '../../src/formats/png.ts';
import { cifar10Folder, entry, jsonLines, signalWhen, simdnet, temporaryFolder } from './simdnet.ts';

const COUNT = 83; // More than one batch, and no whole number of them.

let model: string;
/** Pictures in two folders and one that is none; beside them files that are not looked at. */
let pictures: string;
let names: string[];

beforeAll(async () => {
  const out = await temporaryFolder();
  const data = await cifar10Folder(64, 8);
  const trained = await simdnet([
    'train',
    '--data-dir',
    data,
    '--epochs',
    '1',
    '--tier',
    'simd',
    '--out',
    out,
  ]);
  expect(trained.code).toBe(0);
  model = join(out, 'model.safetensors');
  pictures = join(out, 'my pictures');
  await mkdir(join(pictures, 'b, "quoted"'), { recursive: true });
  names = [];
  for (let i = 1; i <= COUNT; i++) {
    const name = i <= 70 ? `a${i}.png` : `b, "quoted"/${i}.png`;
    const data = Uint8Array.from({ length: 40 * 20 * 4 }, (_, at) => (at % 4 === 3 ? 255 : (at * i) & 255));
    await writeFile(join(pictures, name), encodePng({ width: 40, height: 20, data }));
    names.push(join(pictures, name));
  }
  await writeFile(join(pictures, 'a9.5.png'), 'no picture');
  names.splice(8, 0, join(pictures, 'a9.5.png'));
  await writeFile(join(pictures, 'notes.txt'), 'not looked at');
});

type Row = Record<string, string>;
const rowsOf = (text: string): Row[] => parse(text, { columns: true });

describe.concurrent('predict, of many pictures', () => {
  it('writes CSV in natural order, with a row for what cannot be read, and exits with 1', async () => {
    const { code, stdout, stderr } = await simdnet(['predict', '--model', model, pictures]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^simdnet: .*a9\.5\.png is not a PNG, JPEG or WebP file[^\n]*\n$/);
    expect(stdout.split('\n')[0]).toBe('file,class,name,probability,error');
    const rows = rowsOf(stdout);
    expect(rows.map(({ file }) => file)).toEqual(names);
    rows.forEach((row, i) => {
      if (i === 8) {
        expect(row).toMatchObject({ class: '', name: '', probability: '' });
        expect(row.error).toContain('a9.5.png is not a PNG');
        return;
      }
      expect(row.error).toBe('');
      expect(row.class).toMatch(/^\d$/);
      expect(row.name).toMatch(/^[a-z]+$/);
      expect(Number(row.probability)).toBeGreaterThan(0.1);
    });
  });

  it('says the same of each picture as for it alone, in any batches and threads', async () => {
    const args = [
      'predict',
      '--model',
      model,
      pictures,
      '--tier',
      'simd',
      '--format',
      'jsonl',
      '--top',
      '10',
    ];
    const results = await Promise.all(
      [[], ['--batch-size', '7', '--threads', '1'], ['--batch-size', '500', '--threads', '2']].map((more) =>
        simdnet([...args, ...more]),
      ),
    );
    const [lines, ...others] = results.map(({ stdout }) => stdout);
    expect(new Set(others)).toEqual(new Set([lines]));
    const rows = jsonLines(lines!) as unknown as { file: string; top: object[]; error?: string }[];
    expect(rows.map(({ file }) => file)).toEqual(names);
    expect(Object.keys(rows[8]!)).toEqual(['file', 'error']);
    for (const i of [0, 42, 83]) {
      const alone = await simdnet([
        'predict',
        '--model',
        model,
        names[i]!,
        '--tier',
        'simd',
        '--json',
        '--top',
        '10',
      ]);
      expect(alone.code).toBe(0);
      expect(jsonLines(alone.stdout)).toEqual([rows[i]]);
    }
  });

  it('gives the likeliest classes, or all, in columns of their own', async () => {
    const two = names.slice(0, 2);
    const { code, stdout } = await simdnet([
      'predict',
      '--model',
      model,
      ...two,
      '--top',
      '2',
      '--probabilities',
    ]);
    expect(code).toBe(0);
    const rows = rowsOf(stdout);
    expect(Object.keys(rows[0]!)).toEqual([
      ...['file', 'class', 'name', 'probability', 'class_2', 'name_2', 'probability_2'],
      ...['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
      'error',
    ]);
    for (const row of rows) {
      const all = Object.values(row).slice(7, 17).map(Number);
      expect(all.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
      const sorted = all.toSorted((a, b) => b - a);
      expect([Number(row.probability), Number(row.probability_2)]).toEqual(sorted.slice(0, 2));
      expect(row[row.name!]).toBe(row.probability);
      expect(all[Number(row.class_2)]).toBe(sorted[1]);
    }
    const json = await simdnet(['predict', '--model', model, two[0]!, '--json', '--probabilities']);
    const [line] = jsonLines(json.stdout) as unknown as [{ probabilities: number[] }];
    expect(line.probabilities).toEqual(Object.values(rows[0]!).slice(7, 17).map(Number));
  });

  it('writes a file that appears whole, and says how it went', async () => {
    const folder = await temporaryFolder();
    const csv = await simdnet(['predict', '--model', model, pictures, '--output', 'a.csv'], { cwd: folder });
    expect(csv.code).toBe(1);
    expect(csv.stdout).toMatch(
      /^84 pictures, [\d.]+s, [\d,.]+ images\/s\n1 of them could not be read\n1 other file passed over\nPredictions: a\.csv\n$/,
    );
    expect(rowsOf(await readFile(join(folder, 'a.csv'), 'utf8')).map(({ file }) => file)).toEqual(names);
    const jsonl = await simdnet(['predict', '--model', model, names[0]!, '--output', 'b.jsonl', '--json'], {
      cwd: folder,
    });
    expect([jsonl.code, jsonl.stdout]).toEqual([0, '']);
    expect(jsonl.stderr).toContain('Predictions: b.jsonl');
    expect(jsonLines(await readFile(join(folder, 'b.jsonl'), 'utf8'))).toHaveLength(1);
    expect((await readdir(folder)).sort()).toEqual(['a.csv', 'b.jsonl']);
  });

  it('leaves nothing behind where it is interrupted or cannot write', async () => {
    const folder = await temporaryFolder();
    const nowhere = await simdnet([
      'predict',
      '--model',
      model,
      pictures,
      '--output',
      join(folder, 'no', 'a.csv'),
    ]);
    expect([nowhere.code, nowhere.stdout]).toEqual([1, '']);
    expect(nowhere.stderr).toMatch(/^simdnet: cannot write .*a\.csv: the folder .* does not exist[^\n]*\n$/);
    const many = new Array<string>(200).fill(pictures);
    const interrupted = await simdnet(
      ['predict', '--model', model, ...many, '--output', join(folder, 'a.csv')],
      {
        // The first failure is told when rows are being written.
        onOutput: signalWhen(/^/, 'SIGINT'),
      },
    );
    expect(interrupted.code).toBe(130);
    expect(await readdir(folder)).toEqual([]);
  });

  it('says so of a folder without pictures, of one that is not there, and of a model that takes no colours', async () => {
    const folder = await temporaryFolder();
    const { code, stdout, stderr } = await simdnet(['predict', '--model', model, folder, join(folder, 'no')]);
    expect(code).toBe(1);
    expect(stderr.trimEnd().split('\n')).toEqual([
      `simdnet: there is no picture in ${folder}`,
      expect.stringMatching(/^simdnet: cannot read .*no: there is no such file/),
    ]);
    expect(rowsOf(stdout).map(({ file, error }) => [file, error])).toEqual([
      [folder, `there is no picture in ${folder}`],
      [join(folder, 'no'), expect.stringContaining('there is no such file')],
    ]);
  });

  it('waits for a slow reader, and ends quietly when it has gone', async () => {
    const many = new Array<string>(40).fill(pictures);
    const child = spawn(process.execPath, [entry, 'predict', '--model', model, ...many], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let lines = 0;
    const code = await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
      child.stdout.on('data', (text: Buffer) => {
        lines += text.toString().split('\n').length - 1;
        child.stdout.pause();
        setTimeout(() => child.stdout.resume(), 5);
      });
    });
    expect([code, lines]).toEqual([1, 40 * 84 + 1]);
    const gone = await simdnet(['predict', '--model', model, names[0]!, names[1]!], { closeStdout: true });
    expect([gone.code, gone.stderr]).toEqual([0, '']);
  });
});
