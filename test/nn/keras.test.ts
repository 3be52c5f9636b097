/** Networks as Keras writes them, against what Keras computes for them in float64: see test/fixtures/keras/README.md. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { availableTiers } from '../../src/engine/tier.ts';
import { FormatError } from '../../src/errors.ts';
import { decodeSafetensors } from '../../src/formats/safetensors.ts';
import { specsOfKerasConfig } from '../../src/nn/kerasConfig.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import { runCase } from '../golden/run.ts';

const folder = new URL('../fixtures/keras/', import.meta.url);
const cases = readdirSync(folder, { withFileTypes: true }).flatMap((each) =>
  each.isDirectory() ? [each.name] : [],
);

/** ‖w − w_ref‖ / ‖w_ref − w_init‖ of Keras' own float32, from its README, where that says something of the weights. */
const KERAS: Readonly<Record<string, number>> = {
  pooled_batchnorm: 2e-5,
  residual: 5e-5,
  inception: 5e-6,
  squeeze_excite: 3e-6,
  activations: 5e-4,
  binary: 2e-6,
  regularized: 6e-6,
  huber: 1e-5,
};

const read = (name: string, file: string): ReadonlyMap<string, { data: ArrayLike<number> }> =>
  decodeSafetensors(readFileSync(new URL(`${name}/${file}.safetensors`, folder)), file)
    .tensors as unknown as ReadonlyMap<string, { data: ArrayLike<number> }>;

const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

const difference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  expect(a.length).toBe(b.length);
  return largest(Array.from(a, (value, i) => value - b[i]!));
};

const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.sqrt(Array.from(b).reduce((sum, value, i) => sum + (a[i]! - value) ** 2, 0));

describe.each(cases)('the case %s', (name) => {
  const expected = read(name, 'expected');
  const init = read(name, 'init');
  const named = (prefix: string): string[] => [...expected.keys()].filter((key) => key.startsWith(prefix));
  const gradientOf = (weight: string): ArrayLike<number> | undefined =>
    expected.get(`gradient/${weight}`)?.data;
  const steepest = Math.max(...named('gradient/').map((key) => largest(expected.get(key)!.data)));
  /** Whether a gradient is zero by mathematics, as of a bias in front of a batch normalization. */
  const vanishes = (weight: string): boolean => {
    const gradient = gradientOf(weight);
    return gradient !== undefined && largest(gradient) < 1e-9 * steepest;
  };
  const tolerance = Math.max(1e-4, 10 * (KERAS[name] ?? 0));

  describe.each(availableTiers())('on %s', (tier) => {
    const path = fileURLToPath(new URL(name, folder));
    const outcome = runCase(path, tier, 1);

    it('predicts as Keras does, before, in training and after', async () => {
      const results = await outcome;
      for (const key of [...named('predict_'), 'training_output']) {
        expect(difference(results.get(key)!.data, expected.get(key)!.data), key).toBeLessThan(2e-6);
      }
    });

    it('has the loss of every step', async () => {
      const losses = (await outcome).get('losses')!.data;
      losses.forEach((loss, step) => {
        expect(Math.abs(loss / expected.get('losses')!.data[step]! - 1), `step ${step}`).toBeLessThan(2e-6);
      });
    });

    it('has the gradient of every weight', async () => {
      const results = await outcome;
      const keys = [...results.keys()].filter((key) => key.startsWith('gradient/'));
      expect(keys.sort()).toEqual(named('gradient/').sort());
      for (const key of keys) {
        const reference = expected.get(key)!.data;
        const scale = vanishes(key.slice('gradient/'.length)) ? steepest : largest(reference);
        expect(difference(results.get(key)!.data, reference) / scale, key).toBeLessThan(2e-5);
      }
    });

    it('has the weights and the running statistics at the end', async () => {
      const results = await outcome;
      for (const key of named('after/')) {
        const weight = key.slice('after/'.length);
        const reference = expected.get(key)!.data;
        const travelled = distance(init.get(weight)!.data, reference);
        const off = distance(results.get(key)!.data, reference);
        if (travelled === 0) expect(off, key).toBe(0);
        else if (!vanishes(weight)) expect(off / travelled, key).toBeLessThan(tolerance);
      }
    });

    it("has the optimizer's variables at the end", async () => {
      const results = await outcome;
      const keys = named('optimizer/').filter((key) => !/\/(iteration|learning_rate)$/.test(key));
      for (const key of keys) {
        const flat = key.slice(key.indexOf('/', 'optimizer/'.length) + 1);
        const weight = [...init.keys()].find((each) => flat.startsWith(`${each.replaceAll('/', '_')}_`))!;
        if (vanishes(weight)) continue;
        const reference = expected.get(key)!.data;
        const size = distance(new Float64Array(reference.length), reference);
        expect(distance(results.get(key)!.data, reference) / size, key).toBeLessThan(tolerance);
      }
    });

    it('has the same bits in threads', async () => {
      const [alone, three] = await Promise.all([outcome, runCase(path, tier, 3)]);
      expect(three).toEqual(alone);
    });
  });
});

describe('specsOfKerasConfig', () => {
  const layer = (class_name: string, config: object, from?: string) => ({
    class_name,
    config,
    inbound_nodes: from === undefined ? [] : [{ args: [{ config: { keras_history: [from, 0, 0] } }] }],
  });
  const functional = (...layers: readonly object[]) => ({
    class_name: 'Functional',
    config: { layers: [layer('InputLayer', { name: 'in', batch_shape: [null, 8, 8, 3] }), ...layers] },
  });
  const conv = { name: 'c', filters: 4, kernel_size: [3, 3] };

  it('reads a sequence too', () => {
    const sequence = {
      class_name: 'Sequential',
      config: {
        layers: [
          layer('InputLayer', { name: 'in', batch_shape: [null, 8, 8, 3] }),
          layer('Conv2D', conv),
          layer('Flatten', { name: 'f' }),
        ],
      },
    };
    expect(buildNetwork(specsOfKerasConfig(sequence)).layers.map(({ outputShape }) => outputShape)).toEqual([
      [6, 6, 4],
      [144],
    ]);
  });

  it.each([
    [7, 'The model of the Keras model is no object.'],
    [{ config: {} }, 'The Keras model must have a list of 1 to 10000 layers.'],
    [functional(layer('Conv3D', { name: 'c' }, 'in')), 'The Keras layer "c" (Conv3D) is not supported.'],
    [
      functional(layer('Conv2D', { ...conv, data_format: 'channels_first' }, 'in')),
      'The Keras layer "c" (Conv2D): data_format "channels_first" is not supported.',
    ],
    [
      functional(layer('Conv2D', { ...conv, lora_dropout: 1 }, 'in')),
      'The Keras layer "c" (Conv2D): conv2d has no option "loraDropout"',
    ],
    [
      functional(layer('Conv2D', { ...conv, activation: 'mish' }, 'in')),
      'The Keras layer "c" (Conv2D): there is no activation "mish" here, only linear, relu, relu6, leaky_relu,',
    ],
    [
      functional(layer('BatchNormalization', { name: 'b', axis: 1 }, 'in')),
      'The Keras layer "b" (BatchNormalization): axis 1 is not supported, only the last.',
    ],
  ])('names what is not supported: %j', (json, message) => {
    expect(() => specsOfKerasConfig(json)).toThrow(FormatError);
    expect(() => specsOfKerasConfig(json)).toThrow(message);
  });

  it.each<[string, object, object]>([
    ['None, None', { name: 'in', batch_shape: [null, null, null, 3] }, layer('Flatten', { name: 'f' }, 'in')],
    ['None', { name: 'in', batch_shape: [null, null] }, layer('Dense', { name: 'd', units: 2 }, 'in')],
  ])('says what to do about an input of %s', (_, input, taker) => {
    const json = { class_name: 'Functional', config: { layers: [layer('InputLayer', input), taker] } };
    expect(() => specsOfKerasConfig(json)).toThrow(/any size.* Build it with a size, .*set_weights/);
  });

  it('says what to do about a model of a class of its own', () => {
    const json = { class_name: 'My"Net', config: { trainable: true } };
    expect(() => specsOfKerasConfig(json)).toThrow(
      /class "My\\"Net", whose layers are in Python code only.* Build it as a functional .*, or export it to ONNX/,
    );
    // With layers it is a functional one that somebody derived a class of.
    const config = functional(layer('Flatten', { name: 'f' }, 'in')).config;
    expect(specsOfKerasConfig({ class_name: 'MyNet', config })).toHaveLength(1);
  });

  it('takes no name of a layer for a slip', () => {
    const json = functional(layer('Min', { name: 'm', dtype: 'float32' }, 'in'));
    expect(() => specsOfKerasConfig(json)).toThrow(
      '(Min) is not supported. Build the model without it: no layer here computes the same.',
    );
  });

  it('refuses quantized layers', () => {
    const dtype = { class_name: 'QuantizedDTypePolicy', config: { mode: 'int8', source_name: 'float32' } };
    expect(() => specsOfKerasConfig(functional(layer('Conv2D', { ...conv, dtype }, 'in')))).toThrow(
      '(Conv2D) is quantized ("int8"); quantized models are not read. Save the model without model.quantize().',
    );
  });

  it('leaves out what is of training alone', () => {
    const config = { ...conv, activity_regularizer: 'l2', kernel_constraint: { class_name: 'MaxNorm' } };
    expect(specsOfKerasConfig(functional(layer('Conv2D', config, 'in')))).toEqual(
      specsOfKerasConfig(functional(layer('Conv2D', conv, 'in'))),
    );
  });

  it.each([
    ['GaussianNoise', { stddev: 0.1 }, { type: 'activation', activation: 'linear' }],
    ['ActivityRegularization', { l1: 0.1, l2: 0 }, { type: 'activation', activation: 'linear' }],
    ['GaussianDropout', { rate: 0.2, seed: null }, { type: 'dropout', rate: 0.2 }],
    ['AlphaDropout', { rate: 0.3, seed: 4, noise_shape: null }, { type: 'dropout', rate: 0.3, seed: 4 }],
    ['SpatialDropout2D', { rate: 0.3 }, { type: 'spatialDropout2d', rate: 0.3 }],
  ])('takes %s, which does nothing outside training', (className, config, expected) => {
    const [spec] = specsOfKerasConfig(functional(layer(className, { name: 'n', ...config }, 'in')));
    expect(spec).toMatchObject(expected);
  });

  const slice = (start: number | null = null, stop: number | null = null, step: number | null = null) => ({
    class_name: '__slice__',
    config: { start, stop, step },
  });
  const sliced = (index: unknown) => {
    const images = { shape: [null, 8, 9, 3], dtype: 'float32', keras_history: ['in', 0, 0] };
    const args = [{ class_name: '__keras_tensor__', config: images }, index];
    const nodes = [{ args, kwargs: {} }];
    return functional({ class_name: 'GetItem', config: { name: 'g' }, inbound_nodes: nodes });
  };

  it.each([
    [
      [slice(), slice(1, -1), slice(1, -2), slice()],
      [
        [1, 1],
        [1, 2],
      ],
    ],
    [
      [slice(0), slice(-6, 7), slice(2)],
      [
        [2, 1],
        [2, 0],
      ],
    ],
    [
      [slice(), slice(null, 99, 1), slice(0, 9), slice(0, 3)],
      [
        [0, 0],
        [0, 0],
      ],
    ],
  ])('takes a slice for a cropping: %j', (index, cropping) => {
    const [spec] = specsOfKerasConfig(sliced(index));
    expect(spec).toMatchObject({ type: 'cropping2d', cropping });
  });

  it.each([
    [[slice(), slice(null, null, 2)]],
    [[slice(), slice(), slice(), slice(0, 2)]],
    [[slice(1)]],
    [[slice(), 3]],
    [[{ class_name: '__ellipsis__', config: {} }, slice(0, 2)]],
    [7],
  ])('refuses another slice in a few words: %j', (index) => {
    expect(() => specsOfKerasConfig(sliced(index))).toThrow(
      'The Keras layer "g" (GetItem) is not supported with what it is applied to. ' +
        'Rows and columns at the edges of images can be cut off, as Cropping2D does.',
    );
  });

  const deep: unknown = JSON.parse('['.repeat(20_000) + ']'.repeat(20_000));
  it.each([
    [
      '10,001 layers',
      functional(...new Array<object>(10_000).fill(layer('Flatten', {}))),
      /a list of 1 to 10000 layers/,
    ],
    [
      'a name nested 20,000 deep',
      functional(layer('Conv3D', { name: deep }, 'in')),
      /layer "object" .* not supp/,
    ],
    [
      'a setting nested 20,000 deep',
      functional(layer('Conv2D', { ...conv, filters: deep }, 'in')),
      /not object/,
    ],
    [
      'a format nested 20,000 deep',
      functional(layer('Conv2D', { data_format: deep }, 'in')),
      /data_format object/,
    ],
    [
      'a name that cannot be made text',
      functional(layer('Conv3D', { name: { toString: 1, valueOf: 1 } }, 'in')),
      /layer "\{"toString":1,"valueOf":1\}"/,
    ],
    [
      'an option that would set a prototype',
      functional(
        layer('Flatten', JSON.parse('{"name":"f","____proto____":{"trainable":false}}') as object, 'in'),
      ),
      /flatten has no option "__proto__"/,
    ],
    [
      'a type that cannot be made text',
      functional(layer('Conv2D', { ...conv, filters: 0, dtype: { class_name: { toString: 1 } } }, 'in')),
      /filters/,
    ],
    [
      'a batch shape nested 20,000 deep',
      { config: { layers: [layer('Flatten', { batch_shape: deep })] } },
      /is object/,
    ],
  ])('refuses %s', (_, json, message) => {
    expect(() => specsOfKerasConfig(json)).toThrow(FormatError);
    expect(() => specsOfKerasConfig(json)).toThrow(message);
  });

  it('looks for the inputs of a layer in more values than fit on the stack', () => {
    const many = { ...layer('Flatten', { name: 'f' }), inbound_nodes: [new Array<number>(500_000).fill(0)] };
    expect(specsOfKerasConfig(functional(many))).toHaveLength(1);
  });
});
