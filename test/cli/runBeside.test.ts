import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runBeside } from '../../src/cli/runBeside.ts';
import { temporaryFolder } from './simdnet.ts';

async function runFolder(): Promise<string> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'checkpoints'));
  const record = { status: 'running', commandLine: ['train'], options: {} };
  await writeFile(join(folder, 'run.json'), JSON.stringify(record));
  return folder;
}

it('finds the run of a model, and of a checkpoint in its folder', async () => {
  const folder = await runFolder();
  for (const name of ['model.safetensors', 'checkpoints/epoch.safetensors'])
    expect((await runBeside(join(folder, name)))?.folder, name).toBe(folder);
  expect(await runBeside(join(folder, 'others/model.safetensors'))).toBeUndefined();
  expect(await runBeside(join(await temporaryFolder(), 'checkpoints/epoch.safetensors'))).toBeUndefined();
});
