/** Networks written for Keras, and read back. What Keras itself says of them is asked by test/peers/keras.py. */
import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import type { ExportedNetwork } from '../../src/exchange/exported.ts';
import { kerasConfigOf } from '../../src/exchange/keras/config.ts';
import { exportKeras } from '../../src/exchange/keras/export.ts';
import { importKeras } from '../../src/exchange/keras/import.ts';
import { KERAS_LAYERS } from '../../src/exchange/keras/layers.ts';
import { inKerasOrder } from '../../src/exchange/keras/order.ts';
import { networkPreset } from '../../src/networks/registry.ts';
import { specsOfKerasConfig } from '../../src/nn/kerasConfig.ts';
import { activation } from '../../src/nn/layers/activation.ts';
import { layerTypes } from '../../src/nn/layers/registry.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import { configureOptimizer, optimizerDefinition } from '../../src/nn/optimizers/registry.ts';
import { initializeParameters, tensorsIn, type Tensor } from '../../src/nn/parameters.ts';
import { parseLayerSpec, type LayerSpec } from '../../src/nn/spec.ts';
import { variablesOf } from '../../src/nn/update.ts';
import { everyLayer } from '../training/everyLayer.ts';
import { haveSameBits, imported, outputsOf, sourceOf } from './kerasFixtures.ts';
import { layerTable } from './layerTable.ts';
import { imagesFor } from './values.ts';

/** A network with weights, and with an optimizer whose variables are all different. */
function exported(layers: readonly LayerSpec[], optimizer = configureOptimizer('adam')): ExportedNetwork {
  const network = buildNetwork(layers);
  const weights = tensorsIn(network, initializeParameters(network, 1));
  const trained = network.weights.filter((weight) => weight.trained);
  const variables = new Map(
    trained.flatMap(({ name, shape }, i) =>
      variablesOf(optimizer).map((variable, j): [string, Tensor] => {
        const data = weights.get(name)!.data.map((_, k) => i + j / 8 + k / 2 ** 20);
        return [`${name}/${variable}`, { shape, data }];
      }),
    ),
  );
  return { network, weights, training: { optimizer, iterations: 7, variables } };
}

const bytesOf = (given: ExportedNetwork): Uint8Array => exportKeras(given)[0]!.content as Uint8Array;
const back = (given: ExportedNetwork) => importKeras(sourceOf('model.keras', bytesOf(given)));
const preset = (name: string) => networkPreset(name, { inputShape: [32, 32, 3], classes: 10 });

describe('exportKeras', () => {
  it.each(['tutorial', 'mobilenetv2', 'lenet'])('comes back to the same bits: %s', async (name) => {
    const given = exported(preset(name));
    const { layers, weights, optimizer } = await back(given);
    expect(haveSameBits(weights, given.weights)).toBe(true);
    expect(haveSameBits(optimizer!.variables, given.training!.variables)).toBe(true);
    expect(optimizer!.iterations).toBe(7);
    const shapes = (specs: readonly LayerSpec[]) =>
      new Map(
        buildNetwork(specs)
          .layers.map((each) => [each.name, each.outputShape] as const)
          .sort(),
      );
    expect(shapes(layers as readonly LayerSpec[])).toEqual(shapes(preset(name)));
  });

  it.each([
    { name: 'sgd' },
    { name: 'sgd', momentum: 0.9, nesterov: true },
    { name: 'adam', amsgrad: true, useEma: true },
    { name: 'adamw', gradientAccumulationSteps: 4, clipnorm: 1 },
    { name: 'rmsprop', momentum: 0.5, centered: true },
    { name: 'lion', learningRate: { name: 'cosineDecay', initialLearningRate: 0.1, decaySteps: 9 } },
  ])('takes the optimizer along: %j', async (options) => {
    const config = optimizerDefinition(options).configure(options);
    const given = exported(preset('lenet'), config);
    const { optimizer } = await back(given);
    expect({ ...optimizer!.config, float32Corrections: false }).toEqual({
      ...config,
      float32Corrections: false,
    });
    expect(haveSameBits(optimizer!.variables, given.training!.variables)).toBe(true);
  });

  it('leaves the training out if Keras does not have the optimizer', async () => {
    expect((await back(exported(preset('lenet'), configureOptimizer('muon')))).optimizer).toBeUndefined();
  });

  it('writes every type of layer that Keras has, and leaves out others', async () => {
    const given = exported(everyLayer());
    const { layers, weights } = await back(given);
    const written = new Set(layers.map(({ type }) => type));
    const missing = layerTypes().filter((type) => !written.has(type));
    // One of everyLayer mirrors in a way that Keras does not have.
    expect(missing).toEqual(['randomTranslation', 'cutout', 'mixUp']);
    expect(haveSameBits(weights, given.weights)).toBe(true);
  });

  it.each(['conv_border', 'depthwise_border', 'max_pooling_border'])(
    'writes padding by numbers as a layer, which gives the same: %s',
    async (name) => {
      const layers = layerTable.get(name)!;
      const given = exported(layers);
      const read = await back(given);
      expect(JSON.stringify(read.layers.filter(({ type }) => type !== 'zeroPadding2d'))).not.toContain('[[');
      expect(haveSameBits(read.weights, given.weights)).toBe(true);
      const images = imagesFor(given.network, 2);
      const before = await outputsOf({ ...read, layers }, images, 'simd');
      const after = await outputsOf(read, images, 'simd');
      after.forEach((value, i) => {
        expect(value).toBeCloseTo(before[i]!, 6);
      });
    },
  );

  it.each([
    ['maxPooling2d', { type: 'leakyReLU' }],
    ['averagePooling2d', { type: 'reLU' }],
  ])('refuses padding by numbers where zeros would count: %s behind %j', (type, before) => {
    const first = { type: 'conv2d', filters: 2, kernelSize: 1, activation: 'relu', inputShape: [4, 4, 1] };
    const layers = [first, before, { name: 'odd', type, padding: 1 }].map(parseLayerSpec);
    expect(() => bytesOf(exported(layers))).toThrow(OptionError);
    expect(() => bytesOf(exported(layers))).toThrow(
      `Layer "odd": Keras and tfjs have no ${type} with padding by numbers`,
    );
  });

  it('gives Keras back what it wrote', async () => {
    const { layers, weights, optimizer } = await imported('functional.keras');
    const network = buildNetwork(layers);
    const training = { optimizer: optimizer!.config, ...optimizer! };
    const again = await back({ network, weights, training });
    expect(again.layers).toEqual(layers);
    expect(again.weights).toEqual(weights);
    expect(again.optimizer).toEqual(optimizer);
  });

  it('is the same each time, and names a weight that is missing', () => {
    const given = exported(preset('lenet'));
    expect(bytesOf(given)).toEqual(bytesOf(given));
    const weights = new Map([...given.weights].slice(1));
    expect(() => exportKeras({ ...given, weights })).toThrow(OptionError);
    expect(() => exportKeras({ ...given, weights })).toThrow(/"conv2d\/kernel" is not among what was given/);
  });
});

describe('kerasConfigOf', () => {
  const names = ['tutorial', 'resnet18', 'mobilenetv2', 'patch'];

  it.each(names.flatMap((name) => [2, 3].map((version) => [name, version as 2 | 3] as const)))(
    'is read as the network that it was: %s, in the form of Keras %i',
    (name, version) => {
      const network = buildNetwork(preset(name));
      const json: unknown = JSON.parse(JSON.stringify(kerasConfigOf(network, { version })));
      const again = buildNetwork(specsOfKerasConfig(json));
      const byName = (specs: readonly LayerSpec[]) =>
        new Map(specs.map((spec) => [spec.name!, { ...spec, inputShape: 0, inputs: 0 }] as const).sort());
      expect(byName(again.specs)).toEqual(byName(network.specs));
      expect(again.weights.map((weight) => weight.name).sort()).toEqual(
        network.weights.map((weight) => weight.name).sort(),
      );
    },
  );

  it('says what Keras 2 has no activation for', () => {
    const network = buildNetwork([activation({ activation: 'gelu_approximate', inputShape: [2, 2, 1] })]);
    expect(() => kerasConfigOf(network, { version: 2 })).toThrow(
      /Keras 2 has no activation gelu_approximate/,
    );
    expect(specsOfKerasConfig(kerasConfigOf(network))).toMatchObject([{ activation: 'gelu_approximate' }]);
  });
});

describe('KERAS_LAYERS', () => {
  it('has every type', () => {
    expect(Object.keys(KERAS_LAYERS).sort()).toEqual([...layerTypes()].sort());
  });
});

describe('inKerasOrder', () => {
  it('is that in which Keras wrote the layers', async () => {
    const { layers } = await imported('functional.keras');
    const placed = layers.map(({ name, inputs }, i) => ({
      name: name!,
      inputs: inputs ?? [layers[i - 1]?.name ?? 'images'],
    }));
    expect(inKerasOrder(placed)).toEqual(placed.map(({ name }) => name));
  });

  it('takes the farthest first, and the first input first', () => {
    const placed = [
      { name: 'a', inputs: ['images'] },
      { name: 'short', inputs: ['a'] },
      { name: 'long', inputs: ['a'] },
      { name: 'longer', inputs: ['long'] },
      { name: 'sum', inputs: ['short', 'longer'] },
    ];
    expect(inKerasOrder(placed)).toEqual(['a', 'long', 'short', 'longer', 'sum']);
  });
});
