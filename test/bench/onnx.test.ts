import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { hwcToChwRows, hwioToOihw, toPlanarFloats } from '../../bench/peers/layouts.ts';
import { toOnnx } from '../../bench/peers/onnx.ts';
import { onnxNetwork } from '../../bench/peers/onnxruntimeNode.ts';
import { predictBatch, randomBatches } from '../../bench/networkCase.ts';
import { checkLosses, checkProbabilities } from '../../bench/peers/peer.ts';
import { networkPreset } from '../../src/networks/registry.ts';
import { averagePooling2d } from '../../src/nn/layers/averagePooling2d.ts';
import { depthwiseConv2d } from '../../src/nn/layers/depthwiseConv2d.ts';
import { dropout } from '../../src/nn/layers/dropout.ts';
import { zeroPadding2d } from '../../src/nn/layers/zeroPadding2d.ts';
import { layersOf, through } from '../../src/networks/preset.ts';
import { activation, leakyReLU } from '../../src/nn/layers/activation.ts';
import { concatenate } from '../../src/nn/layers/concatenate.ts';
import { add } from '../../src/nn/layers/merge.ts';
import { input } from '../../src/nn/symbolic.ts';
import { buildNetwork, type Network } from '../../src/nn/network.ts';
import { initializeParameters, tensorsIn } from '../../src/nn/parameters.ts';
import { Session } from '../../src/nn/session.ts';
import { conv2d, dense, flatten, maxPooling2d } from '../../src/nn/spec.ts';

describe('layouts', () => {
  it('puts HWIO kernels into OIHW', () => {
    // 1×2 taps, 2 inputs, 2 outputs; each value names its indices.
    const data = Float32Array.from([1000, 1001, 1010, 1011, 1100, 1101, 1110, 1111]);
    const { shape, data: oihw } = hwioToOihw({ shape: [1, 2, 2, 2], data });
    expect(shape).toEqual([2, 2, 1, 2]);
    expect([...oihw]).toEqual([1000, 1100, 1010, 1110, 1001, 1101, 1011, 1111]);
  });

  it('puts rows in H, W, C order into C, H, W order', () => {
    const data = Float32Array.from([0, 1, 10, 11]); // 1×2 pixels of 2 channels, 1 unit
    expect([...hwcToChwRows({ shape: [4, 1], data }, [1, 2, 2]).data]).toEqual([0, 10, 1, 11]);
  });

  it('puts pixels into planes and scales them', () => {
    expect([...toPlanarFloats(Uint8Array.from([0, 255, 51, 102]), 2, 2)]).toEqual(
      [0, 51 / 255, 1, 102 / 255].map(Math.fround),
    );
  });
});

describe('toOnnx', () => {
  it('writes a network that another runtime computes the same with', async () => {
    const network = buildNetwork([
      conv2d({ filters: 6, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [8, 6, 3] }),
      maxPooling2d(),
      flatten(),
      dense({ units: 5, activation: 'softmax' }),
    ]);
    const parameters = initializeParameters(network, 1);
    const session = await Session.create(network, { tier: 'simd', threads: 0, batch: 2 });
    session.writeParameters(parameters);
    const images = Uint8Array.from({ length: 2 * 8 * 6 * 3 }, (_, i) => (i * 37) % 256);
    const expected = await session.predict(2, 'uint8', (to) => {
      to.images.set(images);
    });

    const runtime = await InferenceSession.create(toOnnx(network, tensorsIn(network, parameters)));
    const planar = new Tensor('float32', toPlanarFloats(images, 48, 3), [2, 3, 8, 6]);
    const { probabilities } = await runtime.run({ images: planar });
    const found = probabilities!.data as Float32Array;
    expect(found).toHaveLength(expected.length);
    found.forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-6);
    });
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

describe('networks in ONNX', () => {
  it.each([
    ['lenet', [28, 28, 1]],
    ['allcnn', [32, 32, 3]],
    ['patch', [64, 64, 3]],
    ['mlp', [28, 28, 1]],
    ['airbench94', [32, 32, 3]],
    ['resnet18', [16, 16, 3]],
    ['mobilenetv2', [64, 64, 3]],
  ] as const)('%s is computed the same', async (name, inputShape) => {
    const network = buildNetwork(networkPreset(name, { inputShape, classes: 10 }));
    expect(await difference(network)).toBeLessThan(1e-5);
  });

  it('and branches, whatever they are joined by', async () => {
    const images = input({ shape: [9, 7, 3] });
    const one = conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'tanh' }).apply(
      images,
    );
    const two = maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }).apply(images);
    const joined = concatenate().apply([one, leakyReLU().apply(two)]);
    const sum = add().apply([joined, activation({ activation: 'sigmoid' }).apply(joined)]);
    const end = through(
      sum,
      zeroPadding2d({
        padding: [
          [1, 0],
          [2, 1],
        ],
      }),
      depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, activation: 'relu6' }),
      averagePooling2d({ poolSize: 2, strides: 1, padding: 'same' }),
      flatten(),
      dropout({ rate: 0.5 }),
      dense({ units: 5, activation: 'softmax' }),
    );
    expect(await difference(buildNetwork(layersOf(images, end)))).toBeLessThan(1e-6);
  });

  it('refuses what it has no operator for', () => {
    const network = buildNetwork([
      conv2d({ filters: 2, kernelSize: 1, activation: 'elu', inputShape: [2, 2, 1] }),
    ]);
    expect(() => toOnnx(network, tensorsIn(network, initializeParameters(network, 0)))).toThrow('elu');
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
