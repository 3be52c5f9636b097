import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import {
  importTensors,
  initializeParameters,
  parameterLayout,
  tensorsIn,
  type Tensor,
} from '../../src/nn/parameters.ts';
import { size } from '../../src/nn/shape.ts';
import { conv2d, dense, flatten } from '../../src/nn/spec.ts';

const build = (units: number) =>
  buildNetwork([
    conv2d({ filters: 5, kernelSize: [3, 2], inputShape: [8, 8, 3] }),
    flatten(),
    dense({ units }),
    dense({ units: 3 }),
  ]);
const network = build(100);

describe('parameterLayout', () => {
  it('puts each weight on cache lines of its own, in order and without overlap', () => {
    const { offsets, bytes } = parameterLayout(network);
    expect([...offsets.keys()]).toEqual(network.weights.map(({ name }) => name));
    let end = 0;
    for (const { name, shape } of network.weights) {
      const offset = offsets.get(name)!;
      expect(offset % 64).toBe(0);
      expect(offset).toBe(Math.ceil(end / 64) * 64);
      end = offset + size(shape) * 4;
    }
    expect(bytes).toBe(Math.ceil(end / 64) * 64);
  });
});

describe('initializeParameters', () => {
  const block = initializeParameters(network, 1);
  const tensors = tensorsIn(network, block);

  it.each([
    // √(6 / (fanIn + fanOut)), where the fans of a convolution count its taps.
    ['conv2d/kernel', Math.sqrt(6 / (6 * 3 + 6 * 5))],
    ['dense/kernel', Math.sqrt(6 / (210 + 100))],
    ['dense_1/kernel', Math.sqrt(6 / (100 + 3))],
  ])('draws %s uniformly within ±%f', (name, limit) => {
    const { data } = tensors.get(name)!;
    const largest = Math.max(...data.map(Math.abs));
    expect(largest).toBeLessThanOrEqual(limit);
    expect(largest).toBeGreaterThan(0.95 * limit);
    const { length } = data;
    const mean = data.reduce((sum, value) => sum + value, 0) / length;
    expect(Math.abs(mean)).toBeLessThan((5 * limit) / Math.sqrt(3 * length));
    // The mean square of a uniform distribution is a third of its limit's square, give or take √(4/45 / length) of it.
    const square = data.reduce((sum, value) => sum + value * value, 0) / length;
    expect(Math.abs(square / limit ** 2 - 1 / 3)).toBeLessThan(5 * Math.sqrt(4 / 45 / length));
  });

  it('leaves biases and gaps at zero', () => {
    const covered = new Float32Array(block.length);
    const layout = parameterLayout(network);
    for (const { name, shape } of network.weights) {
      const start = layout.offsets.get(name)! / 4;
      if (name.endsWith('/kernel')) covered.fill(1, start, start + size(shape));
    }
    expect(block.some((value, i) => covered[i] === 0 && value !== 0)).toBe(false);
    expect(block.filter((value) => value !== 0).length).toBeGreaterThan(
      0.99 * covered.reduce((a, b) => a + b),
    );
  });

  it('depends on the seed alone', () => {
    expect(initializeParameters(network, 1)).toEqual(block);
    expect(initializeParameters(network, 2)).not.toEqual(block);
  });

  it('gives each weight a stream of its own', () => {
    const other = build(7);
    const changed = tensorsIn(other, initializeParameters(other, 1));
    expect(changed.get('conv2d/kernel')!.data).toEqual(tensors.get('conv2d/kernel')!.data);
    const first = tensors.get('conv2d/kernel')!.data;
    const second = tensors.get('dense/kernel')!.data;
    // Scaled to ±1 they would be the same numbers if they had the same stream.
    const scale = Math.sqrt(6 / (210 + 100)) / Math.sqrt(6 / (6 * 3 + 6 * 5));
    expect(Math.abs(first[0]! * scale - second[0]!)).toBeGreaterThan(1e-3);
  });
});

describe('tensorsIn and importTensors', () => {
  const block = initializeParameters(network, 3);
  const whole = (): Map<string, Tensor> => new Map(tensorsIn(network, block));
  const change = (name: string, edit: (data: Float32Array) => void): Map<string, Tensor> => {
    const tensors = whole();
    const { shape, data } = tensors.get(name)!;
    const copy = data.slice();
    edit(copy);
    return tensors.set(name, { shape, data: copy });
  };
  const attempt = (tensors: ReadonlyMap<string, Tensor>) => () =>
    importTensors(network, tensors, 'weights.safetensors');

  it('are inverse to each other', () => {
    expect(importTensors(network, whole(), 'x')).toEqual(block);
  });

  it('show the block itself', () => {
    const copy = block.slice();
    tensorsIn(network, copy).get('dense_1/bias')!.data.fill(5);
    expect(copy.filter((value) => value === 5).length).toBe(3);
  });

  it('copy: the block does not change with the tensors', () => {
    const tensors = change('dense/bias', () => undefined);
    const imported = importTensors(network, tensors, 'x');
    tensors.get('dense/bias')!.data.fill(9);
    expect(imported).toEqual(block);
  });

  it.each([
    [
      'a missing tensor',
      () => {
        const t = whole();
        t.delete('dense/bias');
        return t;
      },
      'weights.safetensors has no tensor "dense/bias", which the network needs.',
    ],
    [
      'one too many',
      () => whole().set('dense_2/bias', { shape: [1], data: new Float32Array(1) }),
      'weights.safetensors has a tensor "dense_2/bias", for which the network has no place.',
    ],
    [
      'another shape',
      () => whole().set('dense/kernel', { shape: [100, 210], data: new Float32Array(21000) }),
      'weights.safetensors: the tensor "dense/kernel" is [100, 210], but the network needs [210, 100].',
    ],
    [
      'another number of axes',
      () => whole().set('dense/bias', { shape: [100, 1], data: new Float32Array(100) }),
      'weights.safetensors: the tensor "dense/bias" is [100, 1], but the network needs [100].',
    ],
    [
      'NaN',
      () =>
        change('dense/kernel', (data) => {
          data[7] = NaN;
        }),
      'weights.safetensors: the tensor "dense/kernel" has NaN at index 7. The training that wrote it diverged; use other weights.',
    ],
    [
      'infinity',
      () =>
        change('conv2d/bias', (data) => {
          data[4] = -Infinity;
        }),
      'weights.safetensors: the tensor "conv2d/bias" has -Infinity at index 4.',
    ],
  ])('reject %s', (_, tensors, message) => {
    expect(attempt(tensors())).toThrow(FormatError);
    expect(attempt(tensors())).toThrow(message);
  });
});
