/** A file of safetensors may have gigabytes: it is decoded once, whatever it turns out to be. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, it, vi } from 'vitest';
import { loadModel } from '../../src/exchange/loadModel.ts';
import { openModel } from '../../src/exchange/openModel.ts';
import { decodeSafetensors } from '../../src/formats/safetensors.ts';
import { dense, flatten } from '../../src/nn/spec.ts';
import { encodeCheckpoint } from '../../src/training/checkpointFile.ts';
import { sequential } from '../../src/training/factories.ts';
import { layersOfJson } from '../../src/training/modelJson.ts';
import { encodeModel } from '../../src/training/modelFile.ts';
import { loadWeights } from '../../src/training/modelOnDisk.ts';
import { temporaryFolder } from '../cli/simdnet.ts';
import { haveSameBits } from './values.ts';

vi.mock('../../src/formats/safetensors.ts', async (original) => {
  const module = await original<{ decodeSafetensors: typeof decodeSafetensors }>();
  return { ...module, decodeSafetensors: vi.fn(module.decodeSafetensors) };
});

const fixtures = fileURLToPath(new URL('../fixtures/exchange/', import.meta.url));

beforeEach(() => {
  vi.mocked(decodeSafetensors).mockClear();
});

it.each(['model', 'checkpoint'])('a %s of simdnet', async (kind) => {
  const model = sequential([flatten({ inputShape: [2, 2, 1] }), dense({ units: 2 })], { threads: 1 });
  const bytes = kind === 'model' ? encodeModel(model) : await encodeCheckpoint(model.checkpoint());
  expect((await openModel(bytes, {})).getWeights()).toEqual(model.getWeights());
  expect(decodeSafetensors).toHaveBeenCalledTimes(1);
  const path = join(await temporaryFolder(), 'it.safetensors');
  await writeFile(path, bytes);
  expect(haveSameBits(await loadWeights(path), model.getWeights())).toBe(true);
  expect(decodeSafetensors).toHaveBeenCalledTimes(2);
});

it('weights of PyTorch', async () => {
  const json = JSON.parse(await readFile(`${fixtures}plain.network.json`, 'utf8')) as unknown;
  const network = layersOfJson(json, 'it');
  await loadModel(`${fixtures}plain.torch.safetensors`, { network });
  expect(decodeSafetensors).toHaveBeenCalledTimes(1);
});
