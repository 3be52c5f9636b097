/** What is usual in Keras and has no word of its own here. */
import { describe, expect, it } from 'vitest';
import { exportModel } from '../../src/exchange/exportModel.ts';
import { importModel } from '../../src/exchange/importModel.ts';
import { decodeZip, encodeZip } from '../../src/formats/zip.ts';
import { activation } from '../../src/nn/layers/activation.ts';
import { dense, flatten, type LayerSpec } from '../../src/nn/spec.ts';
import { sequential } from '../../src/training/factories.ts';
import { changedFile, FORMATS, importedChanged, type JsonLayer, type JsonModel } from './kerasChanged.ts';

const layerOf = ({ config }: JsonModel, name: string): JsonLayer =>
  config.layers.find((layer) => layer.config.name === name)!;

describe.each(FORMATS)('an activation in .%s', (format) => {
  const withActivation = (layer: string, activation: unknown) =>
    importedChanged('functional', format, (json) => {
      layerOf(json, layer).config.activation = activation;
    });
  const leaky = { module: 'keras.layers', class_name: 'LeakyReLU', config: { negative_slope: 0.3 } };

  it('that is a layer stands behind the layer that has it', async () => {
    const { layers, weights } = await withActivation('conv2d_1', leaky);
    const index = layers.findIndex(({ name }) => name === 'conv2d_1');
    expect(layers[index]).toMatchObject({ activation: 'linear' });
    const behind = { type: 'leakyReLU', negativeSlope: 0.3, inputs: ['conv2d_1'] };
    expect(layers[index + 1]).toMatchObject({ ...behind, name: 'conv2d_1_activation' });
    expect(layers[index + 2]).toMatchObject({ inputs: ['conv2d_1_activation'] });
    expect(weights.get('conv2d_1/kernel')).toBeDefined();
  });

  it('that is a layer stands in the place of an Activation, and last', async () => {
    const { layers } = await withActivation('activation', leaky);
    expect(layers.find(({ name }) => name === 'activation')).toMatchObject({ type: 'leakyReLU' });
    const softmax = { class_name: 'Softmax', config: { axis: -1 } };
    const last = await withActivation('dense_2', softmax);
    expect(last.layers.at(-1)).toMatchObject({ type: 'softmax', inputs: ['dense_2'] });
  });

  it('is a function by its name', async () => {
    const { layers } = await withActivation('conv2d_1', { class_name: 'function', config: 'gelu' });
    expect(layers.find(({ name }) => name === 'conv2d_1')).toMatchObject({ activation: 'gelu' });
  });

  it('is a layer of a function', async () => {
    const named = { class_name: 'function', config: 'gelu' };
    const { layers } = await withActivation('conv2d_1', {
      class_name: 'Activation',
      config: { activation: named },
    });
    expect(layers.find(({ name }) => name === 'conv2d_1_activation')).toMatchObject({ activation: 'gelu' });
  });

  it.each([
    [
      { class_name: '__lambda__', config: { value: ['4wEA', null, null] } },
      /"conv2d_1" \(Conv2D\): its activation is code in Python/,
    ],
    [['relu'], /"conv2d_1" \(Conv2D\): its activation is code in Python/],
    [
      { class_name: 'Activation', config: { activation: ['relu'] } },
      /"conv2d_1_activation" \(Activation\): its activation has no name/,
    ],
    [{ class_name: 'PReLU', config: {} }, /"conv2d_1_activation" \(PReLU\) is not supported/],
  ])('%j is refused by its name', async (activation, message) => {
    await expect(withActivation('conv2d_1', activation)).rejects.toThrow(message);
  });
});

describe.each(FORMATS)('an operation in .%s', (format) => {
  it.each(['Absolute', 'Maximum'])('that is not here is refused alike: %s', async (className) => {
    const refused = importedChanged('functional', format, (json) => {
      const layer = layerOf(json, 're_lu');
      Object.assign(layer, { class_name: className, module: 'keras.src.ops.numpy' });
      layer.config = { name: 're_lu' };
    });
    await expect(refused).rejects.toThrow(
      `a.${format}: The Keras layer "re_lu" (${className}) is not supported. Make it of layers, such as Rescaling, Add or Activation.`,
    );
  });
});

describe.each(FORMATS)('a compiled model in .%s', (format) => {
  const compiledAs = async (change: (json: Record<string, unknown>) => void, isFitted = true) => {
    const bytes = changedFile(
      'sequential',
      format,
      (json) => {
        if (json.compile_config) change(json.compile_config);
      },
      (root) => {
        const text = root.attributes.get('training_config');
        if (typeof text === 'string') {
          const json = JSON.parse(text) as Record<string, unknown>;
          change(json);
          root.attributes.set('training_config', JSON.stringify(json));
        }
        if (isFitted) return;
        root.groups.delete('optimizer_weights');
        const variables = root.groups.get('optimizer')?.groups.get('vars')?.datasets;
        for (const name of [...(variables?.keys() ?? [])]) if (Number(name) > 1) variables!.delete(name);
      },
    );
    return importModel(bytes, { fileName: `a.${format}`, tier: 'simd', threads: 1 });
  };

  it('comes in compiled, though it was never fitted', async () => {
    const model = await compiledAs(() => undefined, false);
    expect(model.compiled).toMatchObject({
      optimizer: { name: 'adam' },
      loss: { name: 'categoricalCrossentropy' },
    });
    expect(model.iterations).toBe(0);
    const images = new Float32Array(2 * 16 * 16 * 3).fill(0.5);
    await model.trainOnBatch(images, Float32Array.of(1, 0, 0, 0, 0, 0, 1, 0, 0, 0));
    expect(model.iterations).toBe(1);
  });

  const ofKeras2 = { name: 'acc', dtype: 'float32', fn: 'categorical_accuracy' };
  const topK = { name: 'sparse_top_k_categorical_accuracy', dtype: 'float32', k: 3 };
  it.each<[unknown, readonly object[]]>([
    [null, []],
    [['accuracy'], [{ name: 'accuracy' }]],
    ['acc', [{ name: 'accuracy' }]],
    [{ dense_1: ['accuracy'] }, [{ name: 'accuracy' }]],
    [[{ class_name: 'CategoricalAccuracy', config: { name: 'a' } }], [{ name: 'accuracy' }]],
    [[[{ class_name: 'MeanMetricWrapper', config: ofKeras2 }]], [{ name: 'accuracy' }]],
    [
      [{ class_name: 'SparseTopKCategoricalAccuracy', config: topK }],
      [{ name: 'topKCategoricalAccuracy', k: 3 }],
    ],
    // Those that there are not here, or not so.
    [['accuracy', { class_name: 'AUC', config: {} }, 7], [{ name: 'accuracy' }]],
    [[{ class_name: 'Accuracy', config: { name: 'accuracy' } }], []],
    [[{ class_name: 'Precision', config: { class_id: 1 } }], []],
  ])('takes the metrics %j', async (metrics, expected) => {
    const { compiled } = await compiledAs((json) => {
      json.metrics = metrics;
    });
    expect(compiled!.metrics).toEqual(expected);
  });

  const precision = { name: 'p', thresholds: 0.4, top_k: null, class_id: null };
  it.each([
    ['binary_crossentropy', ['categorical_accuracy', 'accuracy'], [{ name: 'accuracy' }]],
    [
      'binary_crossentropy',
      [{ class_name: 'Precision', config: precision }],
      [{ name: 'precision', threshold: 0.4 }],
    ],
    ['mse', [['mae']], [{ name: 'meanAbsoluteError' }]],
    ['categorical_crossentropy', ['mae', 'accuracy'], [{ name: 'accuracy' }]],
  ])('takes those that go with %s of %j', async (loss, metrics, expected) => {
    const { compiled } = await compiledAs((json) => Object.assign(json, { loss, metrics }));
    expect(compiled!.metrics).toEqual(expected);
  });
});

/** A model of images, as Keras writes it but for a change, read. */
async function rewritten(layers: readonly LayerSpec[], change: (json: JsonModel) => void) {
  const model = sequential(layers, { tier: 'simd', threads: 1, seed: 3 });
  const [file] = await exportModel(model, { format: 'keras', name: 'it' });
  const files = new Map(decodeZip(file!.content as Uint8Array, 'it'));
  const json = JSON.parse(new TextDecoder().decode(files.get('config.json'))) as JsonModel;
  change(json);
  files.set('config.json', new TextEncoder().encode(JSON.stringify(json)));
  const read = await importModel(encodeZip(files), { fileName: 'it.keras', tier: 'simd', threads: 1 });
  return { model, read };
}

describe('the input', () => {
  it.each([
    ['vectors', [1, 1, 20], [null, 20]],
    ['images without an axis for the channel', [4, 5, 1], [null, 4, 5]],
  ])('may be %s', async (_, inputShape, batchShape) => {
    const layers = [flatten({ inputShape: inputShape }), dense({ units: 3 })];
    const { model, read } = await rewritten(layers, ({ config }) => {
      config.layers[0]!.config.batch_shape = batchShape;
      if (batchShape.length === 2) config.layers.splice(1, 1);
    });
    const images = Float32Array.from({ length: 40 }, (_value, i) => Math.sin(i));
    expect(read.network.inputShape).toEqual(inputShape);
    expect(await read.predict(images)).toEqual(await model.predict(images));
  });
});

describe('layers that are made of several', () => {
  it.each(FORMATS)('Average, in .%s', async (format) => {
    const { layers } = await importedChanged('functional', format, (json) => {
      layerOf(json, 'add').class_name = 'Average';
    });
    const index = layers.findIndex(({ name }) => name === 'add');
    expect(layers[index]).toMatchObject({ type: 'add' });
    expect(layers[index + 1]).toMatchObject({ type: 'rescaling', scale: 0.5, inputs: ['add'] });
    const takers = layers.filter(({ inputs = [] }) => inputs.includes('add'));
    expect(takers.map(({ name }) => name)).toEqual(['add_mean']);
    expect(layers.some(({ inputs = [] }) => inputs.includes('add_mean'))).toBe(true);
  });

  it('ELU with a slope', async () => {
    const { read } = await rewritten([activation({ activation: 'relu', inputShape: [1, 1, 9] })], (json) => {
      Object.assign(json.config.layers[1]!, { class_name: 'ELU' });
      json.config.layers[1]!.config = { name: 'elu', alpha: 0.3 };
    });
    const values = Float32Array.from({ length: 9 }, (_, i) => (i - 4) / 4);
    const { data } = await read.predict(values);
    values.forEach((x, i) => {
      // The exponential is off by 2⁻²² at most; each of four roundings, of at most 1, by 2⁻²⁴.
      expect(Math.abs(data[i]! - (x > 0 ? x : 0.3 * Math.expm1(x)))).toBeLessThan(2 ** -21);
    });
  });
});
