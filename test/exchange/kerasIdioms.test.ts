/** What is usual in Keras and has no word of its own here. */
import { describe, expect, it } from 'vitest';
import { importModel } from '../../src/exchange/importModel.ts';
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

  it.each([
    [
      { class_name: '__lambda__', config: { value: ['4wEA', null, null] } },
      /"conv2d_1" \(Conv2D\): its activation is code in Python/,
    ],
    [['relu'], /"conv2d_1" \(Conv2D\): its activation is code in Python/],
    [{ class_name: 'PReLU', config: {} }, /"conv2d_1_activation" \(PReLU\) is not supported/],
  ])('%j is refused by its name', async (activation, message) => {
    await expect(withActivation('conv2d_1', activation)).rejects.toThrow(message);
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
