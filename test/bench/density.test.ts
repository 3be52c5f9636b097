import { describe, expect, it } from 'vitest';
import { densityOf, isSparse, pooledShape } from '../../bench/density.ts';
import { KERNELS } from '../../src/engine/kernels.ts';
import type { Call } from '../../src/engine/program.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import { tutorialNetwork } from '../../src/networks/tutorial.ts';

const network = buildNetwork(tutorialNetwork());

describe('densityOf', () => {
  // Two images of one pixel with four channels behind the pooling; the second follows at twice the distance.
  const memory = new WebAssembly.Memory({ initial: 1 });
  new Float32Array(memory.buffer, 64, 12).set([1, 0, -0, -2, 9, 9, 9, 9, 5, 6, 0, 7]);
  new Float32Array(memory.buffer, 128, 8).set([1, 1, 1, 0, 1, 0, 1, 3]);
  const call = (kernel: keyof typeof KERNELS, relu: number): Call<unknown> => {
    const given: Readonly<Record<string, number>> = {
      ...{ dPooled: 64, dPooledImage: 32, dPooledRow: 32, pooled: 128, pooledImage: 16, pooledRow: 16 },
      ...{ height: 1, width: 1, outputs: 4, relu },
    };
    return { label: 'conv2d', kernel, items: 2, arguments: KERNELS[kernel].map((name) => given[name]) };
  };

  it('counts gradients that are not zero and pass the ReLU, of four times as many', () => {
    expect(densityOf(call('pooledBackwardInput', 1), memory, 2)).toBe(3 / 32);
    expect(densityOf(call('pooledBackwardInput', 0), memory, 2)).toBe(5 / 32);
  });

  it('finds the pooling wherever it stands among the arguments', () => {
    expect(densityOf(call('pooledBackwardFilter', 1), memory, 1)).toBe(1 / 16);
  });
});

describe('what is computed with its pooling', () => {
  it('is the first two convolutions', () => {
    const names = network.layers.filter((layer) => pooledShape(network, layer)).map(({ name }) => name);
    expect(names).toEqual(['conv2d', 'conv2d_1']);
    expect(pooledShape(network, network.layers[0]!)).toEqual([16, 16, 32]);
    expect(isSparse('pooledBackwardFilter')).toBe(true);
    expect(isSparse('correlatePooled')).toBe(false);
  });
});
