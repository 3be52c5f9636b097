/** A real model: the MobileNetV2 of nsfwjs, in whose package it stands as scripts, with weights of 8 bits. */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { importTfjs } from '../../src/exchange/tfjs/import.ts';
import type { LayerSpec } from '../../src/nn/spec.ts';
import { sequential } from '../../src/training/factories.ts';
import { nsfwjsFiles } from './nsfwjsFiles.ts';
import { loadIntoTfjs, predictInTfjs, sourceOf, startTfjs } from './tfjsProgram.ts';
import { imagesFor, largestDifference } from './values.ts';

const SHAPE = [224, 224, 3] as const;

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
    const files = nsfwjsFiles('mobilenet_v2', 1);
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
  const source = sourceOf(nsfwjsFiles('mobilenet_v2_mid', 2));
  await expect(importTfjs(source)).rejects.toThrow(FormatError);
  await expect(importTfjs(source)).rejects.toThrow('model.json is a tfjs graph model');
});
