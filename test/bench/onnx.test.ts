import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { hwcToChwRows, hwioToOihw, toPlanarFloats } from '../../bench/peers/layouts.ts';
import { toOnnx } from '../../bench/peers/onnx.ts';
import { checkLosses, checkProbabilities } from '../../bench/peers/peer.ts';
import { buildNetwork } from '../../src/nn/network.ts';
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
