import { describe, expect, it } from 'vitest';
import { boundOf, countDensities, leastWork, stepProgram } from '../../bench/bound.ts';
import { workOf } from '../../bench/work.ts';
import { tutorialNetwork } from '../../src/networks/tutorial.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import { operationsOf } from '../../src/nn/operationsCount.ts';
import { initializeParameters } from '../../src/nn/parameters.ts';
import { depthwiseConv2d } from '../../src/nn/layers/depthwiseConv2d.ts';
import { conv2d, dense, flatten } from '../../src/nn/spec.ts';

const plain = buildNetwork([
  conv2d({ filters: 8, kernelSize: 3, padding: 'same', inputShape: [8, 8, 3] }),
  conv2d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'relu' }),
  flatten(),
  dense({ units: 4, activation: 'softmax' }),
]);

describe('leastWork', () => {
  it('counts every product as it is done: a quarter of them behind minimal filtering', () => {
    const { operations, multiplied, bytes } = leastWork(plain, 4, new Map());
    expect(operations).toBe(operationsOf(plain).training);
    const [first, second, last] = [2 * 64 * 27 * 8, 2 * 64 * 72 * 16, 2 * 1024 * 4];
    expect(multiplied).toBe(2 * first + (3 * second) / 4 + 3 * last);
    // The images at least: a byte read and a float written for each value.
    expect(bytes).toBeGreaterThan(5 * 8 * 8 * 3);
  });

  it('leaves out the bytes of products, which may be in a cache: those of depthwise convolutions too', () => {
    const network = buildNetwork([
      depthwiseConv2d({ kernelSize: 3, padding: 'same', useBias: false, inputShape: [16, 16, 8] }),
      flatten(),
      dense({ units: 2, activation: 'softmax' }),
    ]);
    const program = stepProgram(network, 4);
    const all = [...new Set(program.map(({ label }) => label))].reduce((sum, label) => {
      const calls = program.filter((each) => each.label === label);
      return sum + workOf(network, label, calls, 4).bytes;
    }, 0);
    // Forward and for the filter: its input and its output, or the gradient of that.
    const products = 2 * 4 * 4 * (2 * 16 * 16 * 8);
    expect(4 * leastWork(network, 4, new Map()).bytes).toBe(all - products);
  });

  it('counts of sparse gradients those that are not zero', async () => {
    const network = buildNetwork(tutorialNetwork());
    const densities = await countDensities(network, 4, initializeParameters(network, 0), 'simd');
    expect([...densities.keys()].every((label) => / d(Filter|Input)$/.test(label))).toBe(true);
    expect(densities.size).toBeGreaterThan(0);
    for (const density of densities.values()) {
      expect(density).toBeGreaterThan(0);
      expect(density).toBeLessThanOrEqual(0.25);
    }
    const none = new Map([...densities.keys()].map((label) => [label, 0]));
    expect(leastWork(network, 4, densities).multiplied).toBeGreaterThan(
      leastWork(network, 4, none).multiplied,
    );
    expect(() => leastWork(network, 4, new Map())).toThrow('are zero must be known');
  });

  it('needs no steps where nothing is sparse', async () => {
    expect(await countDensities(plain, 4, new Float32Array(), 'simd')).toEqual(new Map());
  });
});

describe('boundOf', () => {
  const work = { operations: 12e9, multiplied: 3e9, bytes: 2e9 };

  it('is what products and bytes leave of the roofline', () => {
    // 3 and 2 hundredths of a second instead of 12.
    expect(boundOf(work, 100, 100, false)).toEqual({ products: 4, withBytes: 12 / 5 });
  });

  it('has twice the products where vectors are twice as wide', () => {
    const { products, withBytes } = boundOf(work, 100, 100, true);
    expect(products).toBeCloseTo(8, 9);
    expect(withBytes).toBeCloseTo(12 / 3.5, 9);
  });
});
