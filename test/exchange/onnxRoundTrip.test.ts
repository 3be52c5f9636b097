/** What is exported to ONNX and imported again. */
import { describe, expect, it } from 'vitest';
import type { Spec } from '../../src/nn/layers/definition.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import { LAYOUTS } from '../../src/nn/shape.ts';
import type { LayerSpec } from '../../src/nn/spec.ts';
import { cases } from '../nn/layerCases.ts';
import { importBytes, predicted, randomTensor } from './onnxGraphs.ts';
import { exported, trainedWeights } from './onnxRuntime.ts';
import { PRESETS, presetLayers, type PresetName } from './presets.ts';
import { haveSameBits, largestDifference } from './values.ts';

/** The prefix of those whose batch normalizations have no scale, and come back with one. */
const SCALELESS = 'airbench';

/** A separable convolution becomes two; one with as many groups as channels one of each channel. */
const OTHERWISE = /^separableConv2d|^conv2d with padding, dilation, first/;

/** Of the presets those that are quick, which have what the others have. */
const QUICK: readonly PresetName[] = ['tutorial', 'lenet', 'mlp', 'mobilenetv2', 'airbench94'];

const NETWORKS: readonly (readonly [string, readonly Spec[]])[] = [
  ...QUICK.map((name) => [name, presetLayers(name)] as const),
  ...cases.map(({ name, layers }) => [name, layers] as const),
];

/** A ReLU may come back as the activation of its name. */
function typeAndName({ type, name }: LayerSpec): string {
  return `${type === 'reLU' ? 'activation' : type} ${name!}`;
}

describe.each(LAYOUTS)('out and in again, of images %s', (layout) => {
  it.each(PRESETS.map(([name]) => name).filter((name) => !name.startsWith(SCALELESS)))(
    '%s is the same network, with every bit of its weights',
    async (name) => {
      const network = buildNetwork(presetLayers(name));
      const weights = trainedWeights(network);
      const imported = await importBytes(exported(network, weights, layout));
      expect(imported.layout).toBe(layout);
      const again = buildNetwork(imported.layers);
      expect(again.specs.map(typeAndName)).toEqual(network.specs.map(typeAndName));
      expect(haveSameBits(imported.weights, weights)).toBe(true);
    },
  );

  it('airbench94 has scales of 1 then where it had none, and every bit of its own weights', async () => {
    const network = buildNetwork(presetLayers('airbench94'));
    const weights = trainedWeights(network);
    const imported = await importBytes(exported(network, weights, layout));
    const added = [...imported.weights].filter(([name]) => !weights.has(name));
    const own = [...imported.weights].filter(([name]) => weights.has(name));
    expect(haveSameBits(new Map(own), weights)).toBe(true);
    for (const [name, { data }] of added) {
      expect(name).toMatch(/bn\d\/gamma$/);
      expect(data.every((value) => value === 1)).toBe(true);
    }
  });

  it.each(NETWORKS)('%s gives the same', async (name, layers) => {
    const network = buildNetwork(layers);
    const weights = trainedWeights(network);
    const imported = await importBytes(exported(network, weights, layout));
    expect(imported.layout).toBe(layout);
    if (!OTHERWISE.test(name)) {
      const own = [...imported.weights].filter(([weight]) => weights.has(weight));
      expect(haveSameBits(new Map(own), weights)).toBe(true);
    }
    const shape = [2, ...network.inputShape];
    const input = { shape, data: randomTensor('images', shape).data as Float32Array };
    const here = await predicted({ layers, weights, layout: 'nhwc' }, input);
    const again = await predicted({ ...imported, layout: 'nhwc' }, input);
    expect(largestDifference(here.data, again.data)).toBeLessThan(1e-6);
  });
});
