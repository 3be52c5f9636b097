import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { modelOfFiles } from '../../src/browser/trainer/modelOfFiles.ts';
import { exportModel } from '../../src/exchange/exportModel.ts';

const options = { tier: 'simd', threads: 1, seed: 0 } as const;

async function fixture(name: string): Promise<File> {
  const bytes = await readFile(new URL(`../fixtures/exchange/${name}`, import.meta.url));
  return new File([Uint8Array.from(bytes)], name);
}

it('takes a model alone, or with what stands beside it', async () => {
  const { model, name } = await modelOfFiles([await fixture('functional.keras')], options);
  expect(name).toBe('functional.keras');
  expect(model.compiled).toBeUndefined();
  const parts = await exportModel(model, { format: 'tfjs' });
  const files = parts.map(({ name, content }) => new File([content], name));
  const again = await modelOfFiles(files.toReversed(), options);
  expect(again.name).toBe('model.json');
  expect(again.model.getWeights()).toEqual(model.getWeights());
  await expect(modelOfFiles(files.slice(0, 1), options)).rejects.toThrow(
    'model.json needs group1-shard1of1.bin, which stands beside it: choose both together',
  );
});

it('takes one, and says so', async () => {
  const files = [await fixture('functional.keras'), await fixture('mobile.onnx')];
  await expect(modelOfFiles(files, options)).rejects.toThrow(
    'more than one model: functional.keras, mobile.onnx',
  );
  const others = ['a.txt', 'b.txt'].map((name) => new File(['a'], name));
  await expect(modelOfFiles(others, options)).rejects.toThrow('None of these is a model');
});
