/** Files of Keras, read. */
import { describe, expect, it } from 'vitest';
import { availableTiers } from '../../src/engine/tier.ts';
import { FormatError } from '../../src/errors.ts';
import { importKeras } from '../../src/exchange/keras/import.ts';
import { importKerasH5 } from '../../src/exchange/keras/importH5.ts';
import { decodeHdf5 } from '../../src/formats/hdf5/decode.ts';
import { encodeHdf5 } from '../../src/formats/hdf5/encode.ts';
import { decodeZip, encodeZip } from '../../src/formats/zip.ts';
import { fixture, imported, largestDifference, outputsOf, sourceOf, tensorsOf } from './kerasFixtures.ts';

describe.each(['sequential', 'functional', 'nested', 'ops'])('%s', (name) => {
  describe.each(availableTiers())('on %s', (tier) => {
    it.each(['keras', 'h5'])('gives what Keras gives for it, as .%s', async (extension) => {
      const { input, output } = tensorsOf(name);
      const outputs = await outputsOf(await imported(`${name}.${extension}`), input, tier);
      expect(largestDifference(outputs, output)).toBeLessThan(2e-6);
    });
  });

  it('has the same weights and optimizer in both formats', async () => {
    const [keras, h5] = await Promise.all([imported(`${name}.keras`), imported(`${name}.h5`)]);
    expect(h5.weights).toEqual(keras.weights);
    expect(h5.optimizer).toEqual(keras.optimizer);
    expect(h5.layers).toEqual(keras.layers);
  });
});

describe('importKeras', () => {
  it.each([
    ['sequential', 'adam', 2, 16],
    ['functional', 'adam', 2, 20],
    ['nested', 'rmsprop', 3, 22],
  ])('takes the optimizer of %s', async (name, optimizer, iterations, variables) => {
    const { optimizer: found, weights } = await imported(`${name}.keras`);
    expect(found?.config.name).toBe(optimizer);
    expect(found?.iterations).toBe(iterations);
    expect(found?.variables.size).toBe(variables);
    const momenta = [...found!.variables].filter(([key]) => key.endsWith('/momentum'));
    expect(momenta.some(([, { data }]) => data.some((value) => value < 0))).toBe(true);
    for (const [key, { shape, data }] of found!.variables) {
      expect(shape, key).toEqual(weights.get(key.slice(0, key.lastIndexOf('/')))!.shape);
      // Of squares there is nothing below zero, of steps there is.
      const isOfSquares = key.endsWith('/velocity');
      expect(data.every((value) => value >= 0) || !isOfSquares, key).toBe(true);
    }
  });

  it('keeps names of layers apart that nested models share, and what is frozen', async () => {
    const { layers } = await imported('nested.keras');
    expect(layers.map(({ name }) => name)).toEqual(expect.arrayContaining(['c', 'b', 'two_c', 'two_b']));
    expect(layers.find(({ name }) => name === 'c')!.trainable).toBe(false);
    expect(layers.find(({ name }) => name === 'two_c')!.trainable).toBeUndefined();
  });

  /** The file with another JSON. */
  const withConfig = (change: (config: string) => string): Uint8Array => {
    const files = decodeZip(fixture('functional.keras'), 'functional.keras');
    const config = new TextDecoder().decode(files.get('config.json'));
    return encodeZip(new Map([...files, ['config.json', new TextEncoder().encode(change(config))]]));
  };
  const read = (bytes: Uint8Array) => importKeras(sourceOf('a.keras', bytes));

  it('leaves out an optimizer that there is not here', async () => {
    const found = await read(
      withConfig((config) => config.replace('"class_name": "Adam"', '"class_name": "Nadam"')),
    );
    expect(found.optimizer).toBeUndefined();
    expect(found.weights.size).toBe(14);
  });

  it.each<[string, (config: string) => string, RegExp]>([
    [
      'layers that there are not',
      (config) =>
        config.replace('"class_name": "GlobalAveragePooling2D"', '"class_name": "LayerNormalization"'),
      /^a\.keras: The Keras layer "global_average_pooling2d" \(LayerNormalization\) is not supported\. Build the model without it/,
    ],
    [
      'weights of another shape',
      (config) => config.replace('"units": 4', '"units": 5'),
      /^a\.keras: The Keras layer "dense_2" \(Dense\): its kernel is \[16, 4\], but the network needs \[16, 5\]\./,
    ],
    [
      'weights that are missing',
      (config) => config.replaceAll('"use_bias": false', '"use_bias": true'),
      /^a\.keras: The Keras layer "conv2d_1" \(Conv2D\) has 1 weights in the file, but the network needs 2: kernel, bias\./,
    ],
    ['what is no JSON', () => '{', /^a\.keras: config\.json is not JSON/],
  ])('refuses %s', async (_, change, message) => {
    const error: unknown = await read(withConfig(change)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toMatch(message);
  });

  it('says what other zip files lack', async () => {
    await expect(read(encodeZip(new Map([['a.txt', new Uint8Array(3)]])))).rejects.toThrow(
      /^a\.keras is a zip without config\.json, hence no Keras model/,
    );
  });
});

describe('importKerasH5', () => {
  const changed = (change: (root: ReturnType<typeof decodeHdf5>) => void): Uint8Array => {
    const root = decodeHdf5(fixture('functional.h5'), 'functional.h5');
    change(root);
    return encodeHdf5(root);
  };
  const read = (bytes: Uint8Array) => importKerasH5(sourceOf('a.h5', bytes));

  it('reads what tf.keras 2 wrote: names with ":0", in order, and rates as they are', async () => {
    const before = await imported('functional.h5');
    const bytes = changed((root) => {
      const conv = root.groups.get('model_weights')!.groups.get('conv2d_2')!;
      const inner = conv.groups.get('conv2d_2')!;
      for (const [name, dataset] of [...inner.datasets]) {
        inner.datasets.delete(name);
        inner.datasets.set(`${name}:0`, dataset);
      }
      conv.attributes.set('weight_names', ['conv2d_2/kernel:0', 'conv2d_2/bias:0']);
      const config = root.attributes.get('model_config') as string;
      root.attributes.set(
        'model_config',
        config
          .replace('"class_name": "Functional"', '"class_name": "Model"')
          .replaceAll('"batch_shape"', '"batch_input_shape"'),
      );
    });
    expect((await read(bytes)).weights).toEqual(before.weights);
  });

  it('says that weights alone are no network', async () => {
    const bytes = changed(({ attributes }) => attributes.delete('model_config'));
    await expect(read(bytes)).rejects.toThrow(
      /^a\.h5 has weights only: its layers are missing.* model\.save\("model\.keras"\)/,
    );
  });

  it('names an array that is missing', async () => {
    const bytes = changed(({ groups }) => {
      groups
        .get('model_weights')!
        .groups.get('dense_2')!
        .attributes.set('weight_names', ['dense_2/k', 'dense_2/bias']);
    });
    await expect(read(bytes)).rejects.toThrow('The Keras layer "dense_2" has no array "dense_2/k"');
  });
});
