/** A real model: the MobileNetV2 of nsfwjs, in whose package it stands as scripts, with weights of 8 bits. */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, it } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { importTfjs } from '../../src/exchange/tfjs/import.ts';
import type { LayerSpec } from '../../src/nn/spec.ts';
import { sequential } from '../../src/training/factories.ts';
import type { ExportedFile } from '../../src/exchange/exported.ts';
import { loadIntoTfjs, predictInTfjs, sourceOf, startTfjs } from './tfjsProgram.ts';
import { imagesFor, largestDifference } from './values.ts';

const SHAPE = [224, 224, 3] as const;

/** The files that the package wraps: `model.json`, and its shards in base64. */
function filesOf(name: string, shards: number): ExportedFile[] {
  const require = createRequire(import.meta.url);
  const folder = `${require.resolve('nsfwjs').replace(/dist[\\/].*$/, '')}dist/models/${name}`;
  const content = JSON.stringify(require(`${folder}/model.min.js`));
  const shard = (i: number): ExportedFile => {
    const path = `group1-shard${i + 1}of${shards}`;
    return {
      name: path,
      content: new Uint8Array(Buffer.from(require(`${folder}/${path}.min.js`) as string, 'base64')),
    };
  };
  return [{ name: 'model.json', content }, ...Array.from({ length: shards }, (_, i) => shard(i))];
}

/** From black on one side to white on the other, and in each channel another way. */
function gradients(): Float32Array {
  const [height, width, channels] = SHAPE;
  return Float32Array.from({ length: height * width * channels }, (_, i) => {
    const x = (Math.floor(i / channels) % width) / width;
    const y = Math.floor(i / channels / width) / height;
    return [x, y, 1 - x][i % channels]!;
  });
}

describe('the MobileNetV2 of nsfwjs', () => {
  let theirs: LayersModel;
  let ours: ReturnType<typeof sequential>;

  beforeAll(async () => {
    await startTfjs('wasm');
    const files = filesOf('mobilenet_v2', 1);
    theirs = await loadIntoTfjs(files);
    const { layers, weights } = await importTfjs(sourceOf(files));
    ours = sequential(layers as LayerSpec[], { threads: 1 });
    ours.setWeights(weights);
  });

  it('has all of its layers but the input', () => {
    expect(ours.network.layers.length).toBe(161);
    expect(ours.network.outputShape).toEqual([5]);
  });

  it.each([
    ['noise', imagesFor({ inputShape: SHAPE }, 1)],
    ['gradients', gradients()],
  ])('gives the same for %s', async (_name, images) => {
    const { data } = await ours.predict(images);
    expect(largestDifference(data, await predictInTfjs(theirs, images, SHAPE))).toBeLessThan(1e-4);
    expect(data.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  });
});

it('refuses a graph model', async () => {
  const source = sourceOf(filesOf('mobilenet_v2_mid', 2));
  await expect(importTfjs(source)).rejects.toThrow(FormatError);
  await expect(importTfjs(source)).rejects.toThrow('model.json is a tfjs graph model');
});
