import { describe, expect, it } from 'vitest';
import { densityOf, isSparse, pooledLayer } from '../../bench/density.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import { tutorialNetwork } from '../../src/networks/tutorial.ts';

const network = buildNetwork(tutorialNetwork());

describe('densityOf', () => {
  // Two images of one pixel with four channels behind the pooling; the second follows at twice the distance.
  const layer = { ...pooledLayer(network, network.layers[0]!)!, outputShape: [1, 1, 4] };
  const memory = new WebAssembly.Memory({ initial: 1 });
  new Float32Array(memory.buffer, 64, 12).set([1, 0, -0, -2, 9, 9, 9, 9, 5, 6, 0, 7]);
  new Float32Array(memory.buffer, 128, 8).set([1, 1, 1, 0, 1, 0, 1, 3]);
  const pooled = (relu: number): number[] => [64, 32, 32, 128, 16, 16, 256, relu];

  it('counts gradients that are not zero and pass the ReLU, of four times as many', () => {
    const call = { label: 'conv2d dInput', kernel: 'pooledBackwardInput', items: 2 };
    expect(densityOf({ ...call, arguments: pooled(1) }, layer, memory, 2)).toBe(3 / 32);
    expect(densityOf({ ...call, arguments: pooled(0) }, layer, memory, 2)).toBe(5 / 32);
  });

  it('finds the pooling behind the arguments of the input', () => {
    const call = { label: 'conv2d dFilter', kernel: 'pooledBackwardFilter', items: 2 };
    expect(densityOf({ ...call, arguments: [0, 0, 0, 3, ...pooled(1)] }, layer, memory, 1)).toBe(1 / 16);
  });
});

describe('what is computed with its pooling', () => {
  it('is the first two convolutions', () => {
    const names = network.layers.filter((layer) => pooledLayer(network, layer)).map(({ name }) => name);
    expect(names).toEqual(['conv2d', 'conv2d_1']);
    expect(isSparse('pooledBackwardFilter')).toBe(true);
    expect(isSparse('correlatePooled')).toBe(false);
  });
});
