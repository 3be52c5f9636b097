/** Exported networks in TensorFlow.js itself: it loads them, and gives the same. */
import { beforeAll, describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { exportTfjs } from '../../src/exchange/tfjs/export.ts';
import { importTfjs } from '../../src/exchange/tfjs/import.ts';
import { NETWORKS, networkPreset } from '../../src/networks/registry.ts';
import { ACTIVATIONS } from '../../src/nn/activations/registry.ts';
import { activation, leakyReLU, reLU } from '../../src/nn/layers/activation.ts';
import { averagePooling2d } from '../../src/nn/layers/averagePooling2d.ts';
import { batchNormalization } from '../../src/nn/layers/batchNormalization.ts';
import { concatenate } from '../../src/nn/layers/concatenate.ts';
import type { Spec } from '../../src/nn/layers/definition.ts';
import { depthwiseConv2d } from '../../src/nn/layers/depthwiseConv2d.ts';
import { add, multiply } from '../../src/nn/layers/merge.ts';
import { normalization } from '../../src/nn/layers/normalization.ts';
import { conv2d, dense, flatten, maxPooling2d, type LayerSpec } from '../../src/nn/spec.ts';
import { sequential } from '../../src/training/factories.ts';
import { cases } from '../nn/layerCases.ts';
import { everyLayer } from '../training/everyLayer.ts';
import { layerTable } from './layerTable.ts';
import { loadIntoTfjs, predictInTfjs, sourceOf, startTfjs } from './tfjsProgram.ts';
import { haveSameBits, imagesFor, largestDifference, scattered } from './values.ts';

beforeAll(() => startTfjs('wasm'));

/** How much tfjs' outputs differ from those here, at most; and whether the files give the same weights back. */
async function compare(layers: readonly Spec[], count = 3) {
  const model = sequential(layers as LayerSpec[], { tier: 'simd', threads: 1 });
  const weights = scattered(model.getWeights());
  model.setWeights(weights);
  const images = imagesFor(model.network, count);
  const { data } = await model.predict(images);
  await model.dispose();
  const files = exportTfjs({ network: model.network, weights });
  const loaded = await loadIntoTfjs(files);
  const theirs = await predictInTfjs(loaded, images, model.network.inputShape);
  loaded.dispose();
  const back = await importTfjs(sourceOf(files));
  const scale = Math.max(1, ...data.map(Math.abs));
  return { difference: largestDifference(data, theirs) / scale, weights, back };
}

describe('networks', () => {
  it.each(NETWORKS.map(({ name }) => name))('%s gives the same in tfjs', async (name) => {
    const { difference, weights, back } = await compare(
      networkPreset(name, { inputShape: [32, 32, 3], classes: 10 }),
    );
    expect(difference).toBeLessThan(1e-5);
    expect(haveSameBits(back.weights, weights)).toBe(true);
  });
});

describe('layers', () => {
  /** Groups, dilated depthwise convolutions and padding of averages, which tfjs does not have. */
  const refused =
    /^depthwiseConv2d,.* dilation$|^conv2d with padding, dilation|^averagePooling2d,.* padding on some sides$/;
  const known = cases.filter(({ name }) => !refused.test(name));

  it.each(cases.filter(({ name }) => refused.test(name)).map((each) => [each.name, each.layers] as const))(
    '%s is refused',
    (_name, layers) => {
      const { network } = sequential(layers as LayerSpec[]);
      expect(() => exportTfjs({ network, weights: new Map() })).toThrow(OptionError);
    },
  );

  it.each(known.map((each) => [each.name, each.layers] as const))('%s', async (_name, layers) => {
    const { difference, weights, back } = await compare(layers);
    expect(difference).toBeLessThan(1e-5);
    expect(haveSameBits(back.weights, weights)).toBe(true);
  });

  it.each(['conv_border', 'depthwise_border', 'max_pooling_border'])('%s', async (name) => {
    const { difference, weights, back } = await compare(layerTable.get(name)!);
    expect(difference).toBeLessThan(1e-5);
    expect(haveSameBits(back.weights, weights)).toBe(true);
  });

  it('all of them together', async () => {
    const { difference } = await compare(everyLayer());
    expect(difference).toBeLessThan(1e-5);
  });

  it.each(ACTIVATIONS)('the activation %s, of a layer and by itself', async (name) => {
    const { difference, back } = await compare([
      conv2d({ filters: 4, kernelSize: 3, activation: name, inputShape: [6, 5, 2] }),
      activation({ activation: name }),
      flatten(),
      dense({ units: 3, activation: name }),
    ]);
    expect(difference).toBeLessThan(1e-5);
    expect([...back.weights.keys()]).toContain('conv2d/kernel');
  });

  it.each([
    ['ReLU with a slope', reLU({ negativeSlope: 0.25 })],
    ['ReLU up to a value', reLU({ maxValue: 0.5 })],
    ['leaky ReLU', leakyReLU({ negativeSlope: 0.125 })],
    ['normalization, inverted', normalization({ mean: [0.1, 0.2, 0.3], variance: 4, invert: true })],
  ])('%s', async (_name, layer) => {
    const { difference } = await compare([
      conv2d({ filters: 3, kernelSize: 2, inputShape: [4, 4, 2] }),
      layer,
      flatten(),
    ]);
    expect(difference).toBeLessThan(1e-5);
  });

  it('takes an output twice', async () => {
    const { difference } = await compare([
      conv2d({ filters: 3, kernelSize: 2, name: 'first', inputShape: [4, 4, 2] }),
      { ...multiply({ name: 'square' }), inputs: ['first', 'first'] },
      { ...add({ name: 'sum' }), inputs: ['square', 'first', 'square'] },
    ]);
    expect(difference).toBeLessThan(1e-5);
  });

  it('keeps names, and with them the network, where tfjs has all of its layers', async () => {
    const { back } = await compare([
      conv2d({ filters: 3, kernelSize: 2, name: 'first', inputShape: [5, 4, 2] }),
      depthwiseConv2d({ kernelSize: 2, name: 'second', depthMultiplier: 2, trainable: false }),
      batchNormalization({ epsilon: 0.01, name: 'third' }),
      { ...concatenate({ name: 'both' }), inputs: ['second', 'third'] },
      flatten({ name: 'last' }),
    ]);
    expect(back.layers.map(({ name }) => name)).toEqual(['first', 'second', 'third', 'both', 'last']);
    expect(back.layers[1]).toMatchObject({ trainable: false, depthMultiplier: 2 });
    expect(back.layout).toBe('nhwc');
  });

  it.each([
    [
      'dilation of depthwise convolutions',
      depthwiseConv2d({ kernelSize: 2, dilationRate: 2 }),
      'Layer "odd": tfjs has no dilation',
    ],
    [
      'groups',
      conv2d({ filters: 4, groups: 2, kernelSize: 1 }),
      'Layer "odd": tfjs has no convolution in groups',
    ],
    ['a threshold', reLU({ threshold: 1 }), 'Layer "odd": tfjs has no ReLU with a threshold'],
    [
      'padding by numbers of average poolings',
      averagePooling2d({ poolSize: 3, padding: 1 }),
      'Layer "odd": Keras and tfjs have no averagePooling2d with padding by numbers',
    ],
    [
      'that of max poolings',
      maxPooling2d({ padding: 1 }),
      'Layer "odd": Keras and tfjs have no maxPooling2d',
    ],
    ['maxValue with a slope', reLU({ maxValue: 1, negativeSlope: 0.1 }), 'Layer "odd": tfjs has no ReLU'],
  ])('refuses %s', (_name, layer, message) => {
    const { network } = sequential([
      conv2d({ filters: 2, kernelSize: 1, inputShape: [4, 4, 2] }),
      { ...layer, name: 'odd' },
    ]);
    const refused = (): unknown => exportTfjs({ network, weights: new Map() });
    expect(refused).toThrow(OptionError);
    expect(refused).toThrow(message);
  });
});

describe('the files', () => {
  const model = sequential([
    flatten({ inputShape: [32, 32, 1] }),
    dense({ units: 1100 }),
    dense({ units: 2, activation: 'softmax' }),
  ]);
  const weights = model.getWeights();
  const classNames = ['black', 'white'];
  const files = exportTfjs({ network: model.network, weights, classNames });

  it('has shards of 4 MiB', () => {
    expect(
      files.map(({ name, content }) => [name, typeof content === 'string' ? 0 : content.length]),
    ).toEqual([
      ['model.json', 0],
      ['group1-shard1of2.bin', 4 * 2 ** 20],
      ['group1-shard2of2.bin', 4 * (1025 * 1100 + 1101 * 2) - 4 * 2 ** 20],
    ]);
  });

  it('has another name, with which models can share a folder', async () => {
    const named = exportTfjs({ network: model.network, weights }, 'b');
    const names = named.map(({ name }) => name);
    expect(names).toEqual(['b.json', 'b-group1-shard1of2.bin', 'b-group1-shard2of2.bin']);
    expect(haveSameBits((await importTfjs(sourceOf(named))).weights, weights)).toBe(true);
  });

  it('has the names of classes and the pixel scale with it', async () => {
    expect((await importTfjs(sourceOf(files))).classNames).toEqual(classNames);
    expect((await loadIntoTfjs(files)).getUserDefinedMetadata()).toEqual({ pixelScale: 1, classNames });
  });

  it('is the same each time', () => {
    const again = exportTfjs({ network: model.network, weights, classNames });
    const bytes = (all: typeof files) => all.map(({ content }) => Buffer.from(content as string));
    expect(Buffer.concat(bytes(again)).equals(Buffer.concat(bytes(files)))).toBe(true);
  });
});
