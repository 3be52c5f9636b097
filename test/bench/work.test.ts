import { describe, expect, it } from 'vitest';
import { stepOperations, workOf } from '../../bench/work.ts';
import { adam } from '../../src/nn/optimizer.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import { planNetwork } from '../../src/nn/plan.ts';
import { tutorialNetwork } from '../../src/training/tutorial.ts';

const network = buildNetwork(tutorialNetwork());

describe('workOf', () => {
  it('counts the multiply-adds of a convolution, directly and as Winograd does them', () => {
    // 16·16 pixels, 9 taps, 32 to 64 channels; 16 tiles of 36 products instead of 256·9.
    const direct = 2 * 256 * 9 * 32 * 64;
    expect(workOf(network, 'conv2d_1 forward', ['correlate'], 1)).toMatchObject({
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

  it('knows every call of a training step', () => {
    const plan = planNetwork(network, { start: 1024, batch: 4, threads: 1, slots: 1, optimizer: adam() });
    for (const { label, kernel } of plan.train(4, true)) {
      const { operations, bytes } = workOf(network, label, [kernel], 4);
      expect(operations + bytes, label).toBeGreaterThan(0);
    }
    expect(() => workOf(network, 'conv2d sideways', [], 4)).toThrow('conv2d sideways');
  });
});

describe('stepOperations', () => {
  it('is 47.6 MFLOP an image for the tutorial’s network', () => {
    expect(stepOperations(network, 1) / 1e6).toBeCloseTo(47.6, 1);
  });
});
