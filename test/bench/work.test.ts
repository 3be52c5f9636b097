import { describe, expect, it } from 'vitest';
import { stepOperations, shardsIn, workOf } from '../../bench/work.ts';
import { adam } from '../../src/nn/optimizers/adam.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import { CONVOLUTION_CHOICES } from '../../src/nn/layers/convolutionAlgorithm.ts';
import { planNetwork } from '../../src/nn/plan.ts';
import { tutorialNetwork } from '../../src/networks/tutorial.ts';

const network = buildNetwork(tutorialNetwork());
const separate = buildNetwork(tutorialNetwork(), 'im2col');

describe('workOf', () => {
  it('counts the multiply-adds of a convolution, directly and as Winograd does them', () => {
    // 16·16 pixels, 9 taps, 32 to 64 channels; 16 tiles of 36 products instead of 256·9.
    const direct = 2 * 256 * 9 * 32 * 64;
    expect(workOf(separate, 'conv2d_1 forward', ['correlate'], 1)).toMatchObject({
      operations: direct,
      multiplied: direct,
      shape: '256 × 288 × 64',
    });
    expect(workOf(network, 'conv2d_1 dFilter', ['winogradBackwardFilter'], 1)).toMatchObject({
      operations: direct,
      multiplied: direct / 4,
      shape: '36 of 32 × 16 × 64',
    });
  });

  it('counts of sparse gradients what is multiplied', () => {
    const direct = 2 * 256 * 9 * 32 * 64;
    for (const [pass, kernel, shape] of [
      ['dFilter', 'pooledBackwardFilter', '288 × 256 × 64, sparse: 12.5 %'],
      ['dInput', 'pooledBackwardInput', '256 × 576 × 32, sparse: 12.5 %'],
    ] as const) {
      expect(workOf(network, `conv2d_1 ${pass}`, [kernel], 1, { density: 0.125 })).toMatchObject({
        operations: direct,
        multiplied: direct / 8,
        shape,
      });
      expect(() => workOf(network, `conv2d_1 ${pass}`, [kernel], 1)).toThrow('conv2d_1');
    }
  });

  it('says where a pooling is a part of the forward pass', () => {
    expect(workOf(network, 'conv2d forward', ['correlatePooled'], 1).shape).toBe('1024 × 27 × 32, pooled');
    expect(workOf(network, 'conv2d forward', ['winograd2x2CorrelatePooled'], 1)).toMatchObject({
      shape: '16 of 256 × 3 × 32, pooled',
      operations: 2 * 1024 * 27 * 32,
      multiplied: 2 * 256 * 16 * 3 * 32,
    });
    expect(workOf(network, 'conv2d_2 forward', ['winogradCorrelate'], 1).shape).toBe('36 of 4 × 64 × 64');
    expect(workOf(separate, 'conv2d forward', ['correlate'], 1).shape).toBe('1024 × 27 × 32');
  });

  it('counts each filter as often as it is packed', () => {
    const floats = 9 * 32 * 64;
    const bytes = (...packed: number[]): number =>
      4 * packed.reduce((sum, each) => sum + floats * (1 + each), 0);
    const work = (...kernels: string[]): number => workOf(network, 'conv2d_1 pack', kernels, 1).bytes;
    expect(work('winogradFilter')).toBe(bytes(4, 4));
    expect(work('winograd2x2Filter')).toBe(bytes(16 / 9, 16 / 9));
    expect(work('winogradFilter', 'packFilterByOutput')).toBe(bytes(4, 1));
  });

  it('reads what is summed from the plan', () => {
    const plan = planNetwork(network, { start: 1024, batch: 64, threads: 1, slots: 1, optimizer: adam() });
    const sums = plan.train(64, true).filter(({ label }) => label === 'conv2d_2 sum');
    const floats = 9 * 64 * 64 + 64;
    // 256 tiles of 4×4 outputs in shards of 64; they are read, their sum is written.
    expect(shardsIn(sums)).toBe(4);
    const facts = { shards: shardsIn(sums) };
    expect(workOf(network, 'conv2d_2 sum', ['sumShards'], 64, facts).bytes).toBe(4 * floats * 5);
  });

  it.each(CONVOLUTION_CHOICES)('knows every call of a training step with %s', (choice) => {
    const chosen = buildNetwork(tutorialNetwork(), choice);
    const plan = planNetwork(chosen, { start: 1024, batch: 4, threads: 1, slots: 1, optimizer: adam() });
    for (const { label, kernel } of plan.train(4, true)) {
      const { operations, bytes } = workOf(chosen, label, [kernel], 4, { density: 0.2 });
      expect(operations + bytes, label).toBeGreaterThan(0);
    }
    expect(() => workOf(chosen, 'conv2d sideways', [], 4)).toThrow('conv2d sideways');
  });
});

describe('stepOperations', () => {
  it('is 47.6 MFLOP an image for the tutorial’s network', () => {
    expect(stepOperations(network, 1) / 1e6).toBeCloseTo(47.6, 1);
  });
});
