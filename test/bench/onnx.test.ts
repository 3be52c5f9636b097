import { describe, expect, it } from 'vitest';
import { predictBatch, randomBatches } from '../../bench/networkCase.ts';
import { toPlanarFloats } from '../../bench/peers/layouts.ts';
import { onnxNetwork } from '../../bench/peers/onnxruntimeNode.ts';
import { checkLosses, checkProbabilities } from '../../bench/peers/peer.ts';
import { networkPreset } from '../../src/networks/registry.ts';
import { buildNetwork, type Network } from '../../src/nn/network.ts';
import { initializeParameters, tensorsIn } from '../../src/nn/parameters.ts';
import { Session } from '../../src/nn/session.ts';

describe('layouts', () => {
  it('puts pixels into planes and scales them', () => {
    expect([...toPlanarFloats(Uint8Array.from([0, 255, 51, 102]), 2, 2)]).toEqual(
      [0, 51 / 255, 1, 102 / 255].map(Math.fround),
    );
  });
});

/** The largest difference between what simdnet and onnxruntime-node make of two random images. */
async function difference(network: Network): Promise<number> {
  const parameters = initializeParameters(network, 1);
  const weights = tensorsIn(network, parameters);
  // Running statistics as a training leaves them, not zeros and ones.
  for (const [name, { data }] of weights) {
    if (name.includes('moving')) data.forEach((value, i) => (data[i] = value + ((i % 7) + 1) / 20));
  }
  const batches = randomBatches(network, 2, 1);
  const session = await Session.create(network, { tier: 'simd', threads: 0, batch: 2 });
  session.writeParameters(parameters);
  const found = await predictBatch(session, batches[0]!);
  const peer = await onnxNetwork({ network, weights, batches }, 1);
  const [expected] = await peer.predict(1);
  await peer.close();
  expect(found).toHaveLength(expected!.length);
  return Math.max(...found.map((value, i) => Math.abs(value - expected![i]!)));
}

describe('the peer onnxruntime-node', () => {
  it.each([
    ['lenet', [28, 28, 1]],
    ['resnet18', [16, 16, 3]],
  ] as const)('computes the same of %s', async (name, inputShape) => {
    const network = buildNetwork(networkPreset(name, { inputShape, classes: 10 }));
    expect(await difference(network)).toBeLessThan(1e-5);
  });
});

describe('the check before anything is timed', () => {
  it('lets rounding pass, and nothing else', () => {
    expect(() => {
      checkLosses('peer', [2.3, 2.2], [2.30001, 2.2]);
    }).not.toThrow();
    expect(() => {
      checkLosses('peer', [2.3, 2.21], [2.3, 2.2]);
    }).toThrow('off by 0.01');
    expect(() => {
      checkProbabilities('peer', [Float32Array.of(NaN)], [Float32Array.of(1)]);
    }).toThrow('off by NaN');
  });
});
