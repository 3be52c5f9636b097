/** A model may be large: what a command is given is loaded once. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import { command } from '../../src/cli/commands/train.ts';
import { loadModel } from '../../src/exchange/loadModel.ts';
import { conv2d, dense, flatten } from '../../src/nn/spec.ts';
import { sequential } from '../../src/training/factories.ts';
import { saveModel } from '../../src/training/modelOnDisk.ts';
import { classFolder } from '../data/pictures/folder.ts';
import { temporaryFolder } from './simdnet.ts';

vi.mock('../../src/exchange/loadModel.ts', async (original) => {
  const module = await original<{ loadModel: typeof loadModel }>();
  return { ...module, loadModel: vi.fn(module.loadModel) };
});

beforeEach(() => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});

async function train(folder: string, given: Readonly<Record<string, string>>): Promise<void> {
  const context = { operands: [folder], commandLine: ['train'], given: new Set(Object.keys(given)) };
  await command.prepare(given, context)();
}

it('train FOLDER --from, which it takes the size of the images from, too', async () => {
  const [folder, cwd] = [await classFolder({ red: 8, blue: 8 }), await temporaryFolder()];
  const from = join(cwd, 'of-before.safetensors');
  const layers = [
    conv2d({ filters: 2, kernelSize: 3, inputShape: [12, 12, 3] }),
    flatten(),
    dense({ units: 2, activation: 'softmax' }),
  ];
  await saveModel(sequential(layers), from);
  const options = { from, epochs: '1', threads: '1', tier: 'simd' };
  await train(folder, { ...options, out: join(cwd, 'run') });
  expect(loadModel).toHaveBeenCalledExactlyOnceWith(from, { compile: false });

  const missing = train(folder, { ...options, from: join(cwd, 'gone.safetensors'), out: join(cwd, 'none') });
  await expect(missing).rejects.toThrow('gone.safetensors');
  expect((await readdir(cwd)).sort()).toEqual(['of-before.safetensors', 'run']);
});
