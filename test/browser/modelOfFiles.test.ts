import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { modelOfFiles } from '../../src/browser/trainer/modelOfFiles.ts';
import { exportModel } from '../../src/exchange/exportModel.ts';
import { dense, flatten } from '../../src/nn/spec.ts';
import { sequential } from '../../src/training/factories.ts';
import type { Model } from '../../src/training/model.ts';

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

describe('files of the same name', () => {
  /** A model whose weights are in two shards, and the files by their paths. */
  async function inFolders(): Promise<{
    model: Model;
    contents: Map<string, string | Uint8Array<ArrayBuffer>>;
  }> {
    const model = sequential([flatten({ inputShape: [2, 2, 1] }), dense({ units: 3 })], options);
    const [json, shard] = await exportModel(model, { format: 'tfjs' });
    const manifest = JSON.parse(json!.content as string) as { weightsManifest: { paths: string[] }[] };
    manifest.weightsManifest[0]!.paths = ['one/weights.bin', 'two/weights.bin'];
    const bytes = shard!.content as Uint8Array<ArrayBuffer>;
    const contents = new Map<string, string | Uint8Array<ArrayBuffer>>([
      ['two/weights.bin', bytes.slice(20)],
      ['model.json', JSON.stringify(manifest)],
      ['one/weights.bin', bytes.slice(0, 20)],
    ]);
    return { model, contents };
  }

  const fileOf = (path: string, content: string | Uint8Array<ArrayBuffer>): File =>
    new File([content], path.slice(path.lastIndexOf('/') + 1));

  it('are told apart by their folders', async () => {
    const { model, contents } = await inFolders();
    const files = [...contents].map(([path, content]) =>
      Object.assign(fileOf(path, content), { webkitRelativePath: `chosen/${path}` }),
    );
    expect((await modelOfFiles(files, options)).model.getWeights()).toEqual(model.getWeights());
    const others = files.filter(({ webkitRelativePath }) => !webkitRelativePath.includes('two'));
    await expect(modelOfFiles(others, options)).rejects.toThrow('model.json needs weights.bin');
    const again = Object.assign(fileOf('model.json', ''), { webkitRelativePath: 'chosen/b/model.json' });
    await expect(modelOfFiles([...files, again], options)).rejects.toThrow(
      'more than one model: chosen/model.json, chosen/b/model.json',
    );
  });

  it('are refused where it is not known which is which', async () => {
    const { contents } = await inFolders();
    const files = [...contents].map(([path, content]) => fileOf(path, content));
    await expect(modelOfFiles(files, options)).rejects.toThrow(
      'model.json needs one/weights.bin, and there is more than one weights.bin: choose that one only',
    );
  });
});
