/** Networks that take the bytes of images as they are: numbers up to 255. */
import { describe, expect, it } from 'vitest';
import { availableTiers } from '../../src/engine/tier.ts';
import { FormatError, OptionError } from '../../src/errors.ts';
import { randomBrightness } from '../../src/nn/layers/randomColour.ts';
import { normalization } from '../../src/nn/layers/normalization.ts';
import { rescaling } from '../../src/nn/layers/rescaling.ts';
import { dense, flatten, withSettings } from '../../src/nn/spec.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/training/checkpointFile.ts';
import { modelFromJSON, sequential } from '../../src/training/factories.ts';
import type { Model } from '../../src/training/model.ts';
import { decodeModel, encodeModel } from '../../src/training/modelFile.ts';
import { normalized } from '../../src/training/normalizing.ts';
import type { SequentialOptions } from '../../src/training/options.ts';
import { brightestChannel, smallNetwork } from './smallModel.ts';

const { x, y } = brightestChannel(50);
const floats = Float32Array.from(x);

/** As Keras' applications begin: x / 127.5 − 1. */
const LAYERS = [
  rescaling({ scale: 1 / 127.5, offset: -1, inputShape: [6, 6, 3] }),
  ...smallNetwork.map((layer) => withSettings(layer, { inputShape: undefined })),
];

function compiled(options: SequentialOptions = {}): Model {
  const model = sequential(LAYERS, { pixelScale: 255, threads: 1, seed: 3, ...options });
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  return model;
}

/** What it says before and after a training, what it has learnt, and how well. */
async function outcome(images: Uint8Array | Float32Array, options?: SequentialOptions): Promise<unknown> {
  const model = compiled(options);
  const before = await model.predict(images);
  const augment = randomBrightness({ factor: 0.2, valueRange: [0, 255] });
  const { history } = await model.fit(images, y, { epochs: 2, batchSize: 16, validationSplit: 0.2, augment });
  const after = await model.predict(images);
  const evaluation = await model.evaluate(images, y);
  const weights = [...model.getWeights()];
  await model.dispose();
  return { before, history, after, evaluation, weights };
}

describe('bytes as they are', () => {
  it.each(availableTiers())(
    'are what floats up to 255 are, on %s, in any number of threads',
    async (tier) => {
      const expected = await outcome(floats, { tier });
      expect(await outcome(x, { tier })).toEqual(expected);
      expect(await outcome(x, { tier, threads: 3 })).toEqual(expected);
    },
  );

  it('are else divided by 255, and floats are left alone', async () => {
    const [plain, whole] = [compiled({ pixelScale: 1 }), compiled()];
    const shares = Float32Array.from(x, (value) => Math.fround(value / 255));
    const divided = await plain.predict(x);
    expect(await plain.predict(shares)).toEqual(divided);
    expect(await whole.predict(shares)).toEqual(divided);
    expect(await whole.predict(x)).not.toEqual(divided);
    expect(await compiled({ pixelScale: undefined }).predict(x)).toEqual(divided);
    await Promise.all([plain.dispose(), whole.dispose()]);
  });

  it('are what a normalization is adapted to', () => {
    const layers = [
      normalization({ mean: 0, variance: 1, inputShape: [1, 2, 1] }),
      flatten(),
      dense({ units: 1 }),
    ];
    const model = sequential(layers, { pixelScale: 255, threads: 1 });
    model.adapt(Uint8Array.of(10, 30));
    expect(model.network.specs[0]).toMatchObject({ mean: [20], variance: [100] });
    expect(model.network.pixelScale).toBe(255);
    expect(sequential(normalized(LAYERS), { pixelScale: 255 }).network.pixelScale).toBe(255);
  });

  it('stay so when layers are frozen', () => {
    const model = compiled();
    model.setTrainable('conv2d', false);
    expect(model.network.pixelScale).toBe(255);
  });
});

describe('what bytes become', () => {
  const model = compiled();
  const json = JSON.parse(JSON.stringify(model.toJSON())) as object;

  it('is saved with the model, its JSON and its checkpoints', async () => {
    const bytes = encodeModel(model);
    const read = decodeModel(bytes, 'it', { threads: 1 });
    expect(read.network.pixelScale).toBe(255);
    expect(encodeModel(read)).toEqual(bytes);
    expect(await read.predict(x)).toEqual(await model.predict(x));
    expect(decodeModel(bytes, 'it', { pixelScale: 1 }).network.pixelScale).toBe(1);
    expect(json).toMatchObject({ pixelScale: 255 });
    expect(modelFromJSON(json).network.pixelScale).toBe(255);
    expect(modelFromJSON(json, { pixelScale: 1 }).network.pixelScale).toBe(1);
    const { network } = await decodeCheckpoint(await encodeCheckpoint(model.checkpoint()));
    expect(modelFromJSON(network).network.pixelScale).toBe(255);
    await Promise.all([read.dispose(), model.dispose()]);
  });

  it('is not written where it is 1', () => {
    const plain = compiled({ pixelScale: 1 });
    expect(plain.toJSON()).not.toHaveProperty('pixelScale');
    expect(decodeModel(encodeModel(plain), 'it').network.pixelScale).toBe(1);
  });

  it.each([0, 2, 255.5, -1, '255', null, Infinity])('is not %j', (pixelScale) => {
    const wrong = { pixelScale: pixelScale as 1 };
    expect(() => sequential(LAYERS, wrong)).toThrow(OptionError);
    expect(() => sequential(LAYERS, wrong)).toThrow('pixelScale must be 1 or 255, not');
    expect(() => modelFromJSON({ ...json, pixelScale })).toThrow(FormatError);
    expect(() => modelFromJSON({ ...json, pixelScale })).toThrow(
      "The model's JSON: its pixelScale must be 1 or 255, not",
    );
  });
});
