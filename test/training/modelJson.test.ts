import { describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../../src/formats/safetensors.ts';
import { NETWORKS } from '../../src/networks/registry.ts';
import { layerTypes } from '../../src/nn/layers/registry.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import { parseLayerSpec, type LayerSpec } from '../../src/nn/spec.ts';
import { Model } from '../../src/training/model.ts';
import { decodeModel, encodeModel } from '../../src/training/modelFile.ts';
import { layersOfJson, networkJson } from '../../src/training/modelJson.ts';

/** A network that is no chain and has a layer of every type, each with what options it can have. */
const EVERYTHING: LayerSpec[] = [
  { type: 'randomFlip', name: 'flipped', inputShape: [12, 12, 3], mode: 'horizontal', alternate: true },
  {
    type: 'randomTranslation',
    name: 'shifted',
    heightFactor: [-0.1, 0.2],
    widthFactor: 0.1,
    wholePixels: true,
  },
  { type: 'randomRotation', name: 'rotated', factor: 0.1, fillMode: 'mirror' },
  { type: 'randomZoom', name: 'zoomed', heightFactor: 0.1, widthFactor: [0, 0.2], fillValue: 1 },
  { type: 'randomBrightness', name: 'brightened', factor: 0.2, seed: 3 },
  { type: 'randomContrast', name: 'contrasted', factor: [0.1, 0.2], valueRange: [0, 255] },
  { type: 'randomSaturation', name: 'saturated', factor: 0.7 },
  { type: 'cutout', name: 'cut', size: 3, fillValue: 0.5 },
  { type: 'mixUp', name: 'mixed', alpha: 0.4 },
  { type: 'rescaling', name: 'scaled', scale: 2, offset: -1 },
  { type: 'normalization', name: 'standard', mean: [0.1, 0.2, 0.3], variance: [1, 2, 3] },
  {
    type: 'zeroPadding2d',
    name: 'padded',
    padding: [
      [1, 0],
      [0, 1],
    ],
  },
  {
    type: 'cropping2d',
    name: 'cropped',
    cropping: [
      [0, 1],
      [1, 0],
    ],
  },
  {
    type: 'conv2d',
    name: 'a',
    filters: 4,
    kernelSize: 3,
    padding: 'same',
    activation: 'gelu',
    kernelInitializer: { name: 'heNormal' },
    kernelRegularizer: { name: 'l2', l2: 0.01 },
  },
  { type: 'batchNormalization', name: 'norm', momentum: 0.8, trainable: false },
  { type: 'reLU', name: 'relu', maxValue: 6, negativeSlope: 0.1 },
  { type: 'leakyReLU', name: 'leaky', inputs: ['norm'] },
  { type: 'add', name: 'sum', inputs: ['relu', 'leaky', 'a'] },
  { type: 'depthwiseConv2d', name: 'depthwise', kernelSize: 3, padding: 'same', depthMultiplier: 1 },
  { type: 'separableConv2d', name: 'separable', filters: 4, kernelSize: 3, padding: 'same', inputs: ['sum'] },
  { type: 'multiply', name: 'product', inputs: ['depthwise', 'separable'] },
  { type: 'subtract', name: 'difference', inputs: ['product', 'sum'] },
  { type: 'concatenate', name: 'both', inputs: ['difference', 'a'] },
  { type: 'maxPooling2d', name: 'max', poolSize: 3, strides: 2, padding: 'same' },
  { type: 'averagePooling2d', name: 'average', poolSize: 2, inputs: ['both'] },
  { type: 'add', name: 'pooled', inputs: ['max', 'average'] },
  { type: 'spatialDropout2d', name: 'drop2d', rate: 0.1 },
  { type: 'upSampling2d', name: 'up', size: 2 },
  { type: 'globalMaxPooling2d', name: 'most' },
  { type: 'globalAveragePooling2d', name: 'mean', inputs: ['up'] },
  { type: 'flatten', name: 'flat', inputs: ['pooled'] },
  { type: 'concatenate', name: 'all', inputs: ['most', 'mean', 'flat'] },
  { type: 'dropout', name: 'drop', rate: 0.2 },
  { type: 'dense', name: 'dense', units: 12, biasInitializer: 'ones' },
  { type: 'reshape', name: 'image', targetShape: [2, 2, 3] },
  { type: 'activation', name: 'tanh', activation: 'tanh' },
  { type: 'flatten', name: 'row' },
  { type: 'softmax', name: 'answer' },
].map(parseLayerSpec);

describe('the JSON of a network', () => {
  it('has every type of layer', () => {
    expect(new Set(EVERYTHING.map(({ type }) => type))).toEqual(new Set(layerTypes()));
  });

  it('gives back a network that is no chain, and the same answers', async () => {
    const model = new Model(EVERYTHING, { seed: 3, threads: 1 });
    const bytes = encodeModel(model);
    const { metadata } = decodeSafetensors(bytes, 'all');
    expect(JSON.parse(metadata['simdnet.model']!)).toMatchObject({ type: 'functional' });
    const read = decodeModel(bytes, 'all', { threads: 1 });
    expect(read.network.specs).toEqual(model.network.specs);
    expect(encodeModel(read)).toEqual(bytes);
    const images = Float32Array.from({ length: 2 * 12 * 12 * 3 }, (_, i) => Math.sin(i));
    const [before, after] = [await model.predict(images), await read.predict(images)];
    expect(before.data.every(Number.isFinite)).toBe(true);
    expect(after).toEqual(before);
    await Promise.all([model.dispose(), read.dispose()]);
  });

  it.each(NETWORKS.map((preset) => [preset.name, preset] as const))('gives back %s', (name, preset) => {
    const { inputShape, classes } = preset;
    const network = buildNetwork(preset.build({ inputShape, classes, dropout: 0.1 }));
    const json: unknown = JSON.parse(JSON.stringify(networkJson(network, 'nhwc')));
    expect(json).toMatchObject({
      type: ['resnet18', 'mobilenetv2'].includes(name) ? 'functional' : 'sequential',
    });
    expect(buildNetwork(layersOfJson(json, 'it')).specs).toEqual(network.specs);
  });

  it('may leave out its type, but has no other', () => {
    const layers = [{ type: 'flatten', inputShape: [1, 1, 3] }];
    expect(layersOfJson({ layers }, 'it')).toHaveLength(1);
    expect(() => layersOfJson({ type: 'tree', layers }, 'it')).toThrow(
      'it: its type must be "sequential" or "functional", not "tree".',
    );
    expect(() => layersOfJson({ layers: [] }, 'it')).toThrow('it has 0 layers: it must have 1 to 10000.');
    expect(() => layersOfJson({ layers: [...layers, { type: 'lstm', name: 'memory' }] }, 'it')).toThrow(
      'it: layer 2 of 2 ("memory"): There is no layer of type "lstm"',
    );
  });
});
