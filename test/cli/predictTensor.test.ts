/** Tensors in the shape that the model has in its own program. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { predictTensor } from '../../src/cli/predict/predictTensor.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/formats/safetensors.ts';
import { dense, flatten } from '../../src/nn/spec.ts';
import { sequential } from '../../src/training/factories.ts';
import { temporaryFolder } from './simdnet.ts';

const values = Float32Array.from({ length: 40 }, (_, i) => Math.sin(i));

async function predicted(image: readonly [number, number, number], shape: readonly number[]) {
  const model = sequential([flatten({ inputShape: image }), dense({ units: 3 })], {
    tier: 'simd',
    threads: 1,
  });
  const folder = await temporaryFolder();
  const [input, output] = [join(folder, 'in.safetensors'), join(folder, 'out.safetensors')];
  await writeFile(input, encodeSafetensors(new Map([['input', { dtype: 'F32', shape, data: values }]])));
  await predictTensor(model, { input, output, layout: undefined, batchSize: 32 });
  const { data } = decodeSafetensors(await readFile(output), output).tensors.get('output')!;
  expect(data).toEqual((await model.predict(values)).data);
}

describe('predictTensor', () => {
  it.each<[readonly [number, number, number], readonly number[]]>([
    [
      [4, 5, 1],
      [2, 4, 5, 1],
    ],
    [
      [4, 5, 1],
      [2, 4, 5],
    ],
    [
      [1, 1, 20],
      [2, 20],
    ],
  ])('gives a model of %j images as %j', (image, shape) => predicted(image, shape));

  it.each<[readonly [number, number, number], readonly number[]]>([
    [
      [4, 5, 1],
      [2, 20],
    ],
    [
      [4, 5, 1],
      [2, 5, 4],
    ],
    [
      [2, 5, 2],
      [2, 2, 5, 1, 2],
    ],
    [
      [1, 4, 5],
      [2, 4, 5],
    ],
  ])('gives a model of %j none as %j', async (image, shape) => {
    await expect(predicted(image, shape)).rejects.toThrow(/but the model takes \[count/);
  });
});
