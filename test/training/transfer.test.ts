/** Networks that have learnt something, made ready for something else. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batchNormalization } from '../../src/nn/layers/batchNormalization.ts';
import { globalAveragePooling2d } from '../../src/nn/layers/globalAveragePooling2d.ts';
import { normalization } from '../../src/nn/layers/normalization.ts';
import { softmax } from '../../src/nn/layers/softmax.ts';
import { conv2d, dense, flatten, type LayerSpec } from '../../src/nn/spec.ts';
import { sequential } from '../../src/training/factories.ts';
import { decodeModel, encodeModel } from '../../src/training/modelFile.ts';
import { loadModel } from '../../src/exchange/loadModel.ts';
import { loadWeights } from '../../src/training/modelOnDisk.ts';
import { saveCheckpoint } from '../../src/training/checkpointOnDisk.ts';
import { transfer, type Transferred } from '../../src/training/transfer.ts';
import { brightestChannel, smallModel } from './smallModel.ts';

const images = { inputShape: [6, 6, 3], classes: 3, name: 'others' };

function transferred(layers: readonly LayerSpec[], destination: Partial<typeof images>): Transferred {
  const model = sequential(layers, { seed: 1 });
  return transfer(model.network, model.getWeights(), { ...images, ...destination }, 'old.safetensors');
}

/** Of any size of images. */
const pooled: readonly LayerSpec[] = [
  conv2d({ filters: 4, kernelSize: 3, inputShape: [6, 6, 3], trainable: false }),
  globalAveragePooling2d(),
  dense({ units: 4, activation: 'relu' }),
  dense({ units: 3, activation: 'softmax' }),
];
const flat: readonly LayerSpec[] = [
  flatten({ inputShape: [6, 6, 3] }),
  dense({ units: 3, activation: 'softmax' }),
];

describe('transfer', () => {
  it('keeps everything where all fits, and trains all of it', () => {
    const { layers, weights, madeAnew } = transferred(pooled, {});
    expect(madeAnew).toEqual([]);
    expect(weights.size).toBe(6);
    expect(layers.some(({ trainable }) => trainable === false)).toBe(false);
  });

  it('makes the last dense layer anew for another number of classes', () => {
    const { layers, weights, madeAnew } = transferred(pooled, { classes: 7 });
    expect(madeAnew).toEqual(['dense_1']);
    expect([...weights.keys()]).toEqual(['conv2d/kernel', 'conv2d/bias', 'dense/kernel', 'dense/bias']);
    expect(layers.at(-1)).toMatchObject({ type: 'dense', units: 7, activation: 'softmax' });
    expect(sequential(layers).network.outputShape).toEqual([7]);
  });

  it('makes the last convolution anew, and what is behind it, where no dense layer is', () => {
    const layers = [
      conv2d({ filters: 4, kernelSize: 3, inputShape: [6, 6, 3] }),
      conv2d({ filters: 3, kernelSize: 1 }),
      batchNormalization(),
      globalAveragePooling2d(),
      softmax(),
    ];
    expect(transferred(layers, { classes: 5 }).madeAnew).toEqual(['conv2d_1', 'batch_normalization']);
  });

  it('takes images of another size where no weight is for one size', () => {
    const { layers, weights, madeAnew } = transferred(pooled, { inputShape: [9, 8, 3] });
    expect([madeAnew, weights.size]).toEqual([[], 6]);
    expect(sequential(layers).network.inputShape).toEqual([9, 8, 3]);
  });

  it.each<[readonly LayerSpec[], Partial<typeof images>, string]>([
    [
      flat,
      { inputShape: [7, 6, 3] },
      'old.safetensors takes 6×6×3 images, but those of others are 7×6×3: "dense/kernel" is for one size',
    ],
    [pooled, { inputShape: [6, 6, 1] }, 'those of others are 6×6×1: "conv2d/kernel" is for one size'],
    [pooled, { inputShape: [2, 2, 3] }, 'those of others are 2×2×3: '],
    [
      [flatten({ inputShape: [1, 1, 3] }), softmax()],
      { inputShape: [1, 1, 3], classes: 5 },
      'old.safetensors puts out [3], which its last dense layer alone cannot make into 5 classes',
    ],
    [
      [dense({ units: 3, inputShape: [6, 6, 3], activation: 'softmax' })],
      { classes: 5 },
      'old.safetensors puts out [6, 6, 3]',
    ],
  ])('refuses what cannot be made to fit: %#', (layers, destination, message) => {
    expect(() => transferred(layers, destination)).toThrow(message);
  });
});

describe('a checkpoint', () => {
  let folder: string;
  let path: string;
  const model = smallModel({ seed: 2 });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simdnet-transfer-'));
    path = join(folder, 'checkpoint.safetensors');
    const { x, y } = brightestChannel(40);
    await model.fit(x, y);
    await saveCheckpoint(model, path);
  });
  afterAll(async () => {
    await model.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it('is loaded as the model that it is of', async () => {
    const loaded = await loadModel(path, { classNames: ['red', 'green', 'blue'] });
    expect(loaded.network.specs).toEqual(model.network.specs);
    expect(loaded.getWeights()).toEqual(model.getWeights());
    expect(loaded.classNames).toEqual(['red', 'green', 'blue']);
    const data = [...(await loadWeights(path))].map(([name, tensor]) => [name, tensor.data]);
    expect(Object.fromEntries(data)).toEqual(
      Object.fromEntries([...model.getWeights()].map(([name, tensor]) => [name, tensor.data])),
    );
  });

  it('is refused where it is damaged, and where only models are read', async () => {
    const bytes = new Uint8Array(await readFile(path));
    expect(() => decodeModel(bytes, 'a.safetensors')).toThrow(
      'a.safetensors is a checkpoint, not a model: decodeCheckpoint reads it',
    );
    bytes[bytes.length - 1]! ^= 1;
    const damaged = join(folder, 'damaged.safetensors');
    await writeFile(damaged, bytes);
    await expect(loadModel(damaged)).rejects.toThrow('damaged.safetensors is damaged');
  });
});

describe('adapt', () => {
  const layers = [
    normalization({ mean: 0, variance: 1, inputShape: [1, 2, 3] }),
    flatten(),
    dense({ units: 2 }),
  ];
  const bytes = Uint8Array.of(0, 10, 255, 0, 20, 255, 255, 30, 255, 255, 40, 255);

  it('gives the normalization the mean and the variance of images, which are in the file then', () => {
    const model = sequential(layers);
    const weights = model.getWeights();
    model.adapt(bytes);
    const spec = decodeModel(encodeModel(model)).network.specs[0];
    expect(spec).toMatchObject({ type: 'normalization', mean: [0.5, 25 / 255, 1] });
    const { variance } = spec as unknown as { variance: number[] };
    expect([variance[0], variance[2]]).toEqual([0.25, 0]);
    expect(variance[1]).toBeCloseTo(125 / 255 / 255, 15);
    expect(model.getWeights()).toEqual(weights);
  });

  it('is exact for bytes, in whatever order they come', () => {
    const many = Uint8Array.from({ length: 30_000 }, (_, i) => (Math.imul(i, 2_654_435_761) >>> 24) % 251);
    const model = sequential(layers);
    model.adapt(many);
    const first = JSON.stringify(model.toJSON());
    const reversed = sequential(layers);
    const pixels = Array.from({ length: many.length / 3 }, (_, i) => many.subarray(3 * i, 3 * i + 3));
    reversed.adapt(Uint8Array.from(pixels.toReversed().flatMap((pixel) => [...pixel])));
    expect(JSON.stringify(reversed.toJSON())).toBe(first);
    // Against big numbers all the way.
    const { mean, variance } = model.network.specs[0] as { mean: number[]; variance: number[] } & LayerSpec;
    const channel = BigInt(pixels.length);
    for (const c of [0, 1, 2]) {
      const values = pixels.map((pixel) => BigInt(pixel[c]!));
      const sum = values.reduce((a, b) => a + b, 0n);
      const squares = values.reduce((a, b) => a + b * b, 0n);
      expect(mean[c]).toBe(Number(sum) / (pixels.length * 255));
      const exact = Number(channel * squares - sum * sum) / (pixels.length * 255) / (pixels.length * 255);
      expect(variance[c]).toBe(exact);
    }
  });

  it('refuses a network without one in front, and what are no images', () => {
    expect(() => {
      sequential(flat).adapt(new Uint8Array(108));
    }).toThrow('adapt: no normalization takes the images');
    expect(() => {
      sequential(layers).adapt(new Uint8Array(7));
    }).toThrow('x has 7 values');
    expect(() => {
      sequential(layers).adapt(new Uint8Array(0));
    }).toThrow('0 values are no pixels');
  });
});

describe('balanced class weights', () => {
  const x = new Uint8Array(6 * 108).map((_, i) => (i * 37) % 251);
  const y = [0, 0, 0, 0, 2, 2];
  // Images / (classes · images of the class): 6 / (2 · 4), 6 / (2 · 2).
  const explicit = { 0: 0.75, 2: 1.5 };

  it('are those of scikit-learn, among the classes that there are', async () => {
    const model = smallModel();
    expect(await model.evaluate(x, y, { classWeight: 'balanced' })).toEqual(
      await model.evaluate(x, y, { classWeight: explicit }),
    );
    expect(await model.evaluate(x, y, { classWeight: 'balanced' })).not.toEqual(await model.evaluate(x, y));
    await model.dispose();
  });

  it('are of the images that are trained on, not of those to validate with', async () => {
    const [balanced, weighed] = [smallModel({ seed: 1 }), smallModel({ seed: 1 })];
    // The last third is left out: 4 / (1 · 4).
    const one = await balanced.fit(x, y, { classWeight: 'balanced', validationSplit: 0.34, shuffle: false });
    const two = await weighed.fit(x, y, { classWeight: { 0: 1 }, validationSplit: 0.34, shuffle: false });
    expect(one.history.loss).toEqual(two.history.loss);
    await Promise.all([balanced.dispose(), weighed.dispose()]);
  });

  it('cannot be had of a generator, and nothing else is a word', async () => {
    const model = smallModel();
    const generator = function* (): Generator<{ x: Uint8Array; y: number[] }> {
      yield { x, y };
    };
    await expect(model.fit(generator, undefined, { classWeight: 'balanced' })).rejects.toThrow(
      "classWeight 'balanced' needs examples that are all there",
    );
    await expect(model.fit(x, y, { classWeight: 'even' as 'balanced' })).rejects.toThrow(
      'classWeight must be { 0: 1, 1: 3 } or \'balanced\', not "even".',
    );
  });
});
