import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { classNamesBeside, runBeside } from '../../src/cli/runBeside.ts';
import { temporaryFolder } from './simdnet.ts';

async function runOf(options: object, dataset: object = {}): Promise<string> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'checkpoints'));
  const record = { status: 'running', commandLine: ['train'], options, dataset };
  await writeFile(join(folder, 'run.json'), JSON.stringify(record));
  return folder;
}

it('finds the run of a model, and of a checkpoint in its folder', async () => {
  const folder = await runOf({});
  for (const name of ['model.safetensors', 'checkpoints/epoch.safetensors'])
    expect((await runBeside(join(folder, name)))?.folder, name).toBe(folder);
  expect(await runBeside(join(folder, 'others/model.safetensors'))).toBeUndefined();
  expect(await runBeside(join(await temporaryFolder(), 'checkpoints/epoch.safetensors'))).toBeUndefined();
});

it('knows the classes of a folder of pictures as they are numbered', async () => {
  const counts = { train: 1, validation: 0, test: 0 };
  const classes = Object.fromEntries(['a', '9', '10', 'Z'].map((name) => [name, counts]));
  const folder = await runOf({ dataset: 'folder:/gone' }, { pictures: { classes } });
  expect(await classNamesBeside(join(folder, 'checkpoints/x.safetensors'))).toEqual(['10', '9', 'Z', 'a']);
});

it('knows those of other datasets, and none where the data or the record do not tell', async () => {
  const names = async (options: object) => classNamesBeside(join(await runOf(options), 'x.safetensors'));
  expect((await names({ dataset: 'cifar10', dataDir: null }))?.[0]).toBe('airplane');
  expect(await names({ dataset: 'npz:/nowhere/x.npz' })).toBeUndefined();
  expect(await names({ dataset: 'folder:/gone' })).toBeUndefined();
  expect(await names({ dataset: 'of old' })).toBeUndefined();
  expect(await names({})).toBeUndefined();
});
