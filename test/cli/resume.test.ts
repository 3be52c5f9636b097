/** Runs that are killed, gone on with, listed and repeated. */
import { existsSync } from 'node:fs';
import { appendFile, cp, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  cifar10Folder,
  jsonLines,
  signalWhen,
  simdnet,
  temporaryFolder,
  type Result,
  type RunOptions,
} from './simdnet.ts';

let data: string;
let cwd: string;
let small: string[];

beforeAll(async () => {
  data = await cifar10Folder(100, 32);
  cwd = await temporaryFolder();
  small = [
    'train',
    '--data-dir',
    data,
    '--batch-size',
    '16',
    '--epochs',
    '3',
    '--threads',
    '2',
    '--tier',
    'simd',
  ];
  const { code } = await simdnet([...small, '--out', 'undisturbed'], { cwd });
  expect(code).toBe(0);
});

/** What makes a run kill itself in the middle of writing its Nth checkpoint. */
function killAt(operation: number): RunOptions {
  return {
    nodeOptions: ['--import', new URL('../chaos/faults.mjs', import.meta.url).href],
    env: { CHAOS_FAULT: JSON.stringify({ kind: 'kill', at: operation, half: true }) },
  };
}

async function killed(out: string, operation = 60): Promise<void> {
  const every = ['--checkpoint-every', '2 steps'];
  const { code, stdout } = await simdnet([...small, ...every, '--out', out], { cwd, ...killAt(operation) });
  expect([code, stdout.includes('Training in batches')]).toEqual([null, true]);
}

async function mustBeUndisturbed(run: string): Promise<void> {
  for (const name of ['model.safetensors', 'history.csv', 'history.json']) {
    const [expected, found] = await Promise.all(
      ['undisturbed', run].map((folder) => readFile(join(cwd, folder, name))),
    );
    expect(found!.equals(expected!), name).toBe(true);
  }
}

const resume = (run: string, ...more: string[]): Promise<Result> =>
  simdnet(['train', '--resume', run, ...more], { cwd });

describe.concurrent('train --resume', () => {
  it.each([20, 33, 47, 60])('goes on with what was killed at file operation %i', async (operation) => {
    const run = `killed-${operation}`;
    await killed(run, operation);
    const { code, stdout, stderr } = await resume(run);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`^Going on with ${run} in epoch \\d( behind step \\d)?\n`));
    await mustBeUndisturbed(run);
    const record = JSON.parse(await readFile(join(cwd, run, 'run.json'), 'utf8')) as Record<string, unknown>;
    expect(record).toMatchObject({
      status: 'completed',
      epochsCompleted: 3,
      resumed: [{ commandLine: ['train', '--resume', run] }],
    });
    expect((await readdir(join(cwd, run))).filter((name) => name.endsWith('.lock'))).toEqual([]);
  });

  it('goes on after Ctrl-C', async () => {
    const { code } = await simdnet([...small, '--out', 'stopped'], {
      cwd,
      onOutput: signalWhen(/Epoch 1\/3/, 'SIGINT'),
    });
    expect(code).toBe(130);
    expect((await resume('stopped', '--threads', '1', '--checkpoint-every', '9 steps')).code).toBe(0);
    await mustBeUndisturbed('stopped');
    // How many threads there are to be holds for one command, how often it saves from there on.
    const record = JSON.parse(await readFile(join(cwd, 'stopped', 'run.json'), 'utf8')) as object;
    expect(record).toMatchObject({
      options: { threads: 2, checkpointEvery: { steps: 9 } },
      engine: { threads: 1 },
    });
  });

  it('takes the checkpoint before one that is damaged, and says so', async () => {
    await killed('damaged');
    const folder = join(cwd, 'damaged', 'checkpoints');
    const names = (await readdir(folder)).filter((name) => name.startsWith('epoch-')).sort();
    expect(names).toHaveLength(2);
    const last = join(folder, names[1]!);
    await truncate(last, 1000);
    const { code, stdout } = await resume('damaged');
    expect(code).toBe(0);
    expect(stdout).toContain(`Passed over: ${join('damaged', 'checkpoints', names[1]!)}`);
    await mustBeUndisturbed('damaged');
  });

  it('begins anew without a checkpoint', async () => {
    await killed('early', 17);
    const { code, stdout } = await resume('early');
    expect(code).toBe(0);
    expect(stdout).toContain('There is no good checkpoint in early: it begins anew\n');
    await mustBeUndisturbed('early');
  });

  it('goes on with what was killed before its images were loaded', async () => {
    const { code } = await simdnet([...small, '--out', 'unbegun'], { cwd, ...killAt(8) });
    expect(code).toBe(null);
    const record = JSON.parse(await readFile(join(cwd, 'unbegun', 'run.json'), 'utf8')) as object;
    expect(record).toMatchObject({ status: 'running', options: { epochs: 3, out: 'unbegun' } });
    expect(record).not.toHaveProperty('dataset');
    expect((await simdnet(['runs', 'unbegun'], { cwd })).stdout).toMatch(
      /│ unbegun +│ killed +│ tutorial +│ +0\/3 │/,
    );
    expect((await resume('unbegun')).code).toBe(0);
    await mustBeUndisturbed('unbegun');
  });

  it('keeps how often it writes a checkpoint', async () => {
    await killed('cadence');
    expect((await resume('cadence', '--epochs', '4')).code).toBe(0);
    const record = JSON.parse(await readFile(join(cwd, 'cadence', 'run.json'), 'utf8')) as object;
    expect(record).toMatchObject({ options: { checkpointEvery: { steps: 2 }, epochs: 4 } });
  });

  it('tidies up behind what was killed when all was done', async () => {
    await cp(join(cwd, 'undisturbed'), join(cwd, 'done'), { recursive: true });
    const lock = join(cwd, 'done', '.simdnet-run.lock');
    await writeFile(lock, JSON.stringify({ pid: 2 ** 22, host: hostname(), began: 'then' }));
    const { code, stdout } = await resume('done');
    expect([code, stdout]).toEqual([0, expect.stringContaining('done is complete.')]);
    expect(existsSync(lock)).toBe(false);
  });

  it('trains on for more epochs, and no further when there are none', async () => {
    await cp(join(cwd, 'undisturbed'), join(cwd, 'longer'), { recursive: true });
    expect((await resume('longer')).stdout).not.toContain('Epoch');
    await mustBeUndisturbed('longer');
    const { code, stdout } = await resume('longer', '--epochs', '4');
    expect(code).toBe(0);
    expect(stdout.match(/^Epoch .*$/gm)).toEqual([expect.stringMatching(/^Epoch 4\/4/)]);
    const csv = await readFile(join(cwd, 'longer', 'history.csv'), 'utf8');
    expect(csv.split('\n')).toHaveLength(1 + 4 + 1);
  });

  it.each<[string[], string]>([
    [
      ['--learning-rate', '0.1'],
      '--learning-rate: undisturbed was trained with 0.001; it goes on as it began: leave it out',
    ],
    [
      ['--network', 'lenet'],
      '--network: undisturbed was trained with "tutorial"; it goes on as it began: leave it out',
    ],
    [
      ['--no-shuffle'],
      '--no-shuffle: undisturbed was trained with false; it goes on as it began: leave it out',
    ],
    [['--epochs', '2'], '--epochs: undisturbed was trained with 3; there can be more, not fewer.'],
    [
      ['--tier', 'relaxed'],
      '--tier: undisturbed was trained with "simd"; it goes on as it began: leave it out',
    ],
    [
      ['--out', 'elsewhere'],
      '--out: undisturbed was trained with "undisturbed"; it goes on as it began: leave it out',
    ],
  ])('refuses %j', async (more, message) => {
    const { code, stderr } = await resume('undisturbed', ...more);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  it('refuses what is no run, and one that is damaged', async () => {
    expect(await resume('nowhere')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('has no run.json') as string,
    });
    for (const [content, message] of [
      ['{', 'is not JSON'],
      ['[]', 'does not describe a run'],
      [
        '{"status":"completed","commandLine":[],"options":{"frobnicate":1}}',
        'option frobnicate, which this simdnet',
      ],
      [
        '{"status":"completed","commandLine":[],"options":{"epochs":"many"}}',
        '--epochs must be a whole number',
      ],
    ] as const) {
      const run = await temporaryFolder();
      await writeFile(join(run, 'run.json'), content);
      const { code, stderr } = await simdnet(['train', '--resume', run]);
      expect([code === 0, stderr]).toEqual([false, expect.stringContaining(message)]);
    }
  });

  it('refuses other images', async () => {
    const other = await cifar10Folder(100, 32);
    const file = join(other, 'data_batch_1.bin');
    const bytes = await readFile(file);
    bytes[9]! ^= 1;
    await writeFile(file, bytes);
    await killed('images');
    const { code, stderr } = await resume('images', '--data-dir', other);
    expect([code, stderr]).toEqual([2, expect.stringContaining('the first example is another one')]);
    expect((await resume('images')).code).toBe(0);
    await mustBeUndisturbed('images');
  });
});

describe.concurrent('the folder of a run', () => {
  it('is one process’ own', async () => {
    let second: Promise<Result> | undefined;
    const first = await simdnet([...small, '--epochs', '8', '--out', 'mine'], {
      cwd,
      onOutput: (_, output) => {
        if (output.includes('Epoch 1/8')) second ??= resume('mine');
      },
    });
    expect(first.code).toBe(0);
    expect(await second).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Another process works in mine') as string,
    });
  });

  it('is never shared by runs that are started together', async () => {
    const folder = await temporaryFolder();
    const results = await Promise.all(
      [1, 2, 3].map(() => simdnet([...small, '--epochs', '1'], { cwd: folder })),
    );
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
    const runs = await readdir(join(folder, 'runs'));
    expect(runs).toHaveLength(3);
    for (const run of runs) expect(await readdir(join(folder, 'runs', run))).toContain('model.safetensors');
  });

  it('does not stay behind if there is nothing to train on, and keeps what it was', async () => {
    const folder = await temporaryFolder();
    const nothing = ['train', '--data-dir', join(folder, 'nothing')];
    expect((await simdnet(nothing, { cwd: folder })).code).toBe(1);
    expect(await readdir(folder)).toEqual([]);
    const run = join(folder, 'run');
    await mkdir(run);
    await writeFile(join(run, 'run.json'), 'of an earlier run');
    expect((await simdnet([...nothing, '--out', run])).code).toBe(1);
    expect(await readdir(run)).toEqual(['run.json']);
    expect(await readFile(join(run, 'run.json'), 'utf8')).toBe('of an earlier run');
  });

  it('survives a full disk: the training goes on, says so once, and ends with what was written', async () => {
    const full = {
      ...killAt(0),
      env: { CHAOS_FAULT: JSON.stringify({ kind: 'full', from: 40, to: 1e9 }) },
    };
    const { code, stdout, stderr } = await simdnet([...small, '--out', 'full'], { cwd, ...full });
    expect(code).toBe(1);
    expect(stdout.match(/the disk is full .*The training goes on/g)).toHaveLength(1);
    expect(stdout.match(/^Epoch/gm)).toHaveLength(3);
    expect(stderr).toMatch(/^simdnet: cannot write full\/.*: the disk is full \(ENOSPC\)/);
    expect(
      (await readdir(join(cwd, 'full'), { recursive: true })).filter((name) => name.includes('.simdnet')),
    ).toEqual([]);
    expect((await resume('full')).code).toBe(0);
    await mustBeUndisturbed('full');
  });
});

describe('runs', () => {
  it('tells how each ended', async () => {
    const folder = join(cwd, 'listed');
    await mkdir(folder);
    await mkdir(join(folder, 'something else'));
    await killed('listed/killed');
    await cp(join(cwd, 'undisturbed'), join(folder, 'whole'), { recursive: true });
    await mkdir(join(folder, 'broken'));
    await appendFile(join(folder, 'broken', 'run.json'), '{');
    const { code, stdout } = await simdnet(['runs', 'listed'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/│ listed\/killed +│ killed +│ tutorial +│ +\d\/3 │ +│ +[\d.]+s │/);
    expect(stdout).toMatch(/│ listed\/whole +│ completed +│ tutorial +│ +3\/3 │ +[01]\.\d{3} │ +[\d.]+s │/);
    expect(stdout).toMatch(/│ listed\/broken +│ damaged +│/);
    expect(stdout).not.toContain('something else');
    const { stdout: json } = await simdnet(['runs', 'listed', '--json'], { cwd });
    expect(jsonLines(json).map(({ status }) => status)).toEqual(['damaged', 'completed', 'killed']);
    expect(jsonLines(json)[0]).toMatchObject({ network: null, epochs: null, seconds: null, startTime: null });
  });

  it('says when there are none', async () => {
    const folder = await temporaryFolder();
    expect(await simdnet(['runs', folder])).toMatchObject({
      code: 0,
      stdout: `There are no runs in ${folder}.\n`,
    });
    expect(await simdnet(['runs'], { cwd: folder })).toMatchObject({
      code: 1,
      stderr: 'simdnet: There is no folder runs: "simdnet train" makes it, or name another.\n',
    });
    expect(await simdnet(['runs', 'undisturbed/run.json'], { cwd })).toMatchObject({
      code: 1,
      stderr: 'simdnet: undisturbed/run.json cannot be listed: it is a file. Name a folder.\n',
    });
  });
});

describe('rerun', () => {
  it('compares the bytes', async () => {
    const same = await simdnet(['rerun', 'undisturbed', '--out', 'again', '--threads', '1'], { cwd });
    expect(same).toMatchObject({ code: 0, stderr: '' });
    expect(same.stdout).toMatch(/The same bytes as in undisturbed: model.safetensors, history.csv\n$/);
    await appendFile(join(cwd, 'again', 'history.csv'), '4,1,1,1,1\n');
    const other = await simdnet(['rerun', 'again', '--out', 'and-again'], { cwd });
    expect(other).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/history.csv in and-again and again differ/) as string,
    });
  });

  it('needs a run that was completed', async () => {
    await killed('incomplete');
    const { code, stderr } = await simdnet(['rerun', 'incomplete'], { cwd });
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('go on with it by "simdnet train --resume incomplete"'),
    ]);
  });
});
