import { describe, expect, it } from 'vitest';
import { networkPreset } from '../../src/networks/registry.ts';
import type { Spec } from '../../src/nn/layers/definition.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import { cases } from '../nn/layerCases.ts';
import { importBytes, predicted, randomTensor } from './onnxGraphs.ts';
import { exported, trainedWeights } from './onnxRuntime.ts';

/** A separable convolution becomes two; one with as many groups as channels one of each channel. */
const OTHERWISE = /^separableConv2d|^conv2d with padding, dilation, first/;

const NETWORKS: [string, readonly Spec[]][] = [
  ...(['tutorial', 'lenet', 'mlp', 'mobilenetv2', 'airbench94'] as const).map(
    (name): [string, readonly Spec[]] => [
      name,
      networkPreset(name, { inputShape: name === 'lenet' ? [28, 28, 1] : [32, 32, 3], classes: 10 }),
    ],
  ),
  ...cases.map(({ name, layers }): [string, readonly Spec[]] => [name, layers]),
];

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

describe.each(['nhwc', 'nchw'] as const)('what is exported as %s and imported again', (layout) => {
  it.each(NETWORKS)('%s', async (name, layers) => {
    const network = buildNetwork(layers);
    const weights = trainedWeights(network);
    const imported = await importBytes(exported(network, weights, layout));
    expect(imported.layout).toBe(layout);
    if (!OTHERWISE.test(name)) {
      for (const [weight, { shape, data }] of weights) {
        const found = imported.weights.get(weight);
        expect(found?.shape, weight).toEqual(shape);
        // Bit for bit, and faster than element by element.
        expect(Buffer.compare(bytesOf(found!.data), bytesOf(data)), weight).toBe(0);
      }
    }
    const shape = [2, ...network.inputShape];
    const input = { shape, data: randomTensor('images', shape).data as Float32Array };
    const own = await predicted({ layers, weights, layout: 'nhwc' }, input);
    const again = await predicted({ ...imported, layout: 'nhwc' }, input);
    const difference = own.data.reduce((most, each, i) => Math.max(most, Math.abs(each - again.data[i]!)), 0);
    expect(difference).toBeLessThan(1e-6);
  });
});
