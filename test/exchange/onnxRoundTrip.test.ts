import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { importOnnx } from '../../src/exchange/onnx/import/importOnnx.ts';
import type { Imported } from '../../src/exchange/imported.ts';
import { buildNetwork, type Network } from '../../src/nn/network.ts';
import { networkPreset } from '../../src/networks/registry.ts';
import type { Tensor } from '../../src/nn/parameters.ts';
import { LAYOUTS, type Layout } from '../../src/nn/shape.ts';
import type { LayerSpec } from '../../src/nn/spec.ts';
import { exported, trainedWeights } from './onnxRuntime.ts';

/** A ReLU may come back as the activation of its name. */
function typeAndName({ type, name }: LayerSpec): string {
  return `${type === 'reLU' ? 'activation' : type} ${name!}`;
}

function bytesOf({ data }: Tensor): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

async function outAndIn(
  network: Network,
  weights: ReadonlyMap<string, Tensor>,
  layout: Layout,
): Promise<Imported> {
  return importOnnx({
    fileName: 'model.onnx',
    bytes: exported(network, weights, layout),
    file: () => Promise.reject(new Error('There is no other file.')),
  });
}

/** Expects every weight to have come back. */
function expectSameBits(imported: Imported, weights: ReadonlyMap<string, Tensor>): void {
  for (const [key, tensor] of weights) {
    const found = imported.weights.get(key)!;
    expect(found.shape).toEqual(tensor.shape);
    expect(isDeepStrictEqual(bytesOf(found), bytesOf(tensor)), key).toBe(true);
  }
}

describe.each(LAYOUTS)('out and in again, of images %s', (layout) => {
  it.each([
    ['tutorial', [32, 32, 3]],
    ['vgg', [32, 32, 3]],
    ['allcnn', [32, 32, 3]],
    ['patch', [64, 64, 3]],
    ['lenet', [28, 28, 1]],
    ['mlp', [28, 28, 1]],
    ['mobilenetv2', [64, 64, 3]],
    ['resnet18', [32, 32, 3]],
  ] as const)('%s is the same network, with every bit of its weights', async (name, inputShape) => {
    const network = buildNetwork(networkPreset(name, { inputShape, classes: 10 }));
    const weights = trainedWeights(network);
    const imported = await outAndIn(network, weights, layout);
    expect(imported.layout).toBe(layout);
    const again = buildNetwork(imported.layers);
    expect(again.specs.map(typeAndName)).toEqual(network.specs.map(typeAndName));
    expect([...imported.weights.keys()].sort()).toEqual([...weights.keys()].sort());
    expectSameBits(imported, weights);
  });

  it('airbench94 has scales of 1 then where it had none, and every bit of its own weights', async () => {
    const network = buildNetwork(networkPreset('airbench94', { inputShape: [32, 32, 3], classes: 10 }));
    const weights = trainedWeights(network);
    const imported = await outAndIn(network, weights, layout);
    expectSameBits(imported, weights);
    const added = [...imported.weights].filter(([name]) => !weights.has(name));
    for (const [name, { data }] of added) {
      expect(name).toMatch(/bn\d\/gamma$/);
      expect(data.every((value) => value === 1)).toBe(true);
    }
  });
});
