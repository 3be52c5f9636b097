import { describe, expect, it } from 'vitest';
import { movingSubject } from '../../bench/movingCase.ts';
import { classification } from '../../bench/networkCase.ts';
import { stepOperations, streamedBytes, workOf } from '../../bench/work.ts';
import { KERNELS } from '../../src/engine/kernels.ts';
import type { Call, Program } from '../../src/engine/program.ts';
import { NETWORKS } from '../../src/networks/registry.ts';
import { tutorialNetwork } from '../../src/networks/tutorial.ts';
import { buildNetwork, type Network } from '../../src/nn/network.ts';
import { CONVOLUTION_CHOICES } from '../../src/nn/operations/convolutionAlgorithm.ts';
import { adam } from '../../src/nn/optimizers/adam.ts';
import { planNetwork } from '../../src/nn/plan.ts';
import { conv2d, dense, flatten, maxPooling2d } from '../../src/nn/spec.ts';
import { UPDATE } from '../../src/nn/optimizers/registers.ts';

const network = buildNetwork(tutorialNetwork());
const separate = buildNetwork(tutorialNetwork(), 'im2col');

/** Calls without arguments that matter, but for the points of a tile. */
function calls(...kernels: (keyof typeof KERNELS)[]): Call<unknown>[] {
  return kernels.map((kernel) => callOf(kernel, 6));
}

function callOf(kernel: keyof typeof KERNELS, points: number): Call<unknown> {
  const names: readonly string[] = KERNELS[kernel];
  return { label: '', kernel, items: 1, arguments: names.map((name) => (name === 'points' ? points : 0)) };
}

function stepOf(of: Network, batch: number): Program {
  const objective = classification(of);
  const options = { start: 2048, batch, threads: 1, slots: 1, objective, optimizer: adam() };
  return planNetwork(of, options).train(batch, true, UPDATE);
}

describe('workOf', () => {
  it('counts the multiply-adds of a convolution, directly and as Winograd does them', () => {
    // 16·16 pixels, 9 taps, 32 to 64 channels; 16 tiles of 36 products instead of 256·9.
    const direct = 2 * 256 * 9 * 32 * 64;
    expect(workOf(separate, 'conv2d_1 forward', calls('correlate'), 1)).toMatchObject({
      operations: direct,
      multiplied: direct,
      shape: '256 × 288 × 64',
    });
    expect(workOf(network, 'conv2d_1 dFilter', calls('winogradBackwardFilter'), 1)).toMatchObject({
      operations: direct,
      multiplied: direct / 4,
      shape: '36 of 32 × 16 × 64',
    });
  });

  it('counts what tiles of 6×6 inputs leave of 5×5 kernels', () => {
    const of = buildNetwork([
      conv2d({ filters: 16, kernelSize: 5, padding: 'same', inputShape: [9, 8, 8] }),
      flatten(),
      dense({ units: 2 }),
    ]);
    // 5·4 tiles of 2×2 outputs, of which the lowest have a single row and five frequencies in a column.
    expect(workOf(of, 'conv2d forward', calls('winogradCorrelate'), 1)).toMatchObject({
      operations: 2 * 72 * 25 * 8 * 16,
      multiplied: 2 * (4 * 6 + 5) * (4 * 6) * 8 * 16,
      shape: '36 of 20 × 8 × 16',
    });
    expect(workOf(of, 'conv2d pack', calls('winogradFilter'), 1).bytes).toBe(4 * 8 * 16 * (25 + 36));
  });

  it.each([
    [7, 1],
    [15, 4],
  ])('counts tiles of 9×9 inputs in a pooled output of %i×%i', (side, tiles) => {
    const of = buildNetwork([
      conv2d({ filters: 16, kernelSize: 3, padding: 'same', inputShape: [side, side, 8] }),
      maxPooling2d(),
      flatten(),
      dense({ units: 2 }),
    ]);
    expect(workOf(of, 'conv2d forward', [callOf('winogradCorrelate', 9)], 1)).toMatchObject({
      operations: 2 * side ** 2 * 9 * 8 * 16,
      multiplied: 2 * tiles * 81 * 8 * 16,
      shape: `81 of ${tiles} × 8 × 16, pooled`,
    });
    expect(workOf(of, 'conv2d pack', [callOf('winogradFilter', 9)], 1).bytes).toBe(4 * 8 * 16 * (9 + 81));
  });

  it('counts of sparse gradients what is multiplied', () => {
    const direct = 2 * 256 * 9 * 32 * 64;
    for (const [pass, kernel, shape] of [
      ['dFilter', 'pooledBackwardFilter', '288 × 256 × 64, sparse: 12.5 %'],
      ['dInput', 'pooledBackwardInput', '256 × 576 × 32, sparse: 12.5 %'],
    ] as const) {
      expect(workOf(network, `conv2d_1 ${pass}`, calls(kernel), 1, 0.125)).toMatchObject({
        operations: direct,
        multiplied: direct / 8,
        shape,
      });
      expect(() => workOf(network, `conv2d_1 ${pass}`, calls(kernel), 1)).toThrow('conv2d_1');
    }
  });

  it('says where a pooling is a part of the forward pass', () => {
    const forward = (of: Network, layer: string, kernel: keyof typeof KERNELS): ReturnType<typeof workOf> =>
      workOf(of, `${layer} forward`, calls(kernel), 1);
    expect(forward(network, 'conv2d', 'correlatePooled').shape).toBe('1024 × 27 × 32, pooled');
    expect(forward(network, 'conv2d', 'winograd2x2CorrelatePooled')).toMatchObject({
      shape: '16 of 256 × 3 × 32, pooled',
      operations: 2 * 1024 * 27 * 32,
      multiplied: 2 * 256 * 16 * 3 * 32,
    });
    expect(forward(network, 'conv2d_2', 'winogradCorrelate').shape).toBe('36 of 4 × 64 × 64');
    expect(forward(separate, 'conv2d', 'correlate').shape).toBe('1024 × 27 × 32');
  });

  it('counts each filter as often as it is packed', () => {
    const floats = 9 * 32 * 64;
    const bytes = (...packed: number[]): number =>
      4 * packed.reduce((sum, each) => sum + floats * (1 + each), 0);
    const work = (...kernels: (keyof typeof KERNELS)[]): number =>
      workOf(network, 'conv2d_1 pack', calls(...kernels), 1).bytes;
    expect(work('winogradFilter', 'winogradFilter')).toBe(bytes(4, 4));
    expect(work('winograd2x2Filter')).toBe(bytes(16 / 9));
    expect(work('winogradFilter', 'packFilterByOutput')).toBe(bytes(4, 1));
  });

  it('reads from the plan what is moved', () => {
    const step = stepOf(network, 64);
    const bytes = (label: string): number =>
      workOf(
        network,
        label,
        step.filter((each) => each.label === label),
        64,
      ).bytes;
    // 256 tiles of 4×4 outputs in shards of 64; they are read, their sum is written.
    expect(bytes('conv2d_2 sum')).toBe(4 * (9 * 64 * 64 + 64) * 5);
    expect(bytes('conv2d_2 dActivation')).toBe(4 * 64 * 3 * 8 * 8 * 64);
    expect(bytes('input')).toBe(64 * 32 * 32 * 3 * 5);
  });

  it.each(CONVOLUTION_CHOICES)('knows every call of a training step with %s', (choice) => {
    knowsAll(buildNetwork(tutorialNetwork(), choice));
  });

  it('knows every call of the network of what moves data', () => {
    knowsAll(movingSubject().network);
  });

  it.each(NETWORKS)('knows every call of $name', ({ inputShape, build, classes }) => {
    knowsAll(buildNetwork(build({ inputShape, classes, dropout: 0.1 })));
  });

  it('does not guess', () => {
    expect(() => workOf(network, 'conv2d sideways', calls('huber'), 4)).toThrow('conv2d sideways');
  });
});

function knowsAll(of: Network): void {
  const step = stepOf(of, 4);
  for (const label of new Set(step.map((each) => each.label))) {
    const all = step.filter((each) => each.label === label);
    const { operations, bytes } = workOf(of, label, all, 4, 0.2);
    expect(operations + bytes, label).toBeGreaterThan(0);
  }
}

describe('streamedBytes', () => {
  it('is what a product reads and writes: what is behind a pooling that is a part of it', () => {
    const step = stepOf(network, 4);
    const bytes = (label: string): number =>
      streamedBytes(
        network,
        step.find((each) => each.label === label)!,
        4,
      );
    expect(bytes('conv2d forward')).toBe(4 * (4 * (32 * 32 * 3 + 16 * 16 * 32) + 27 * 32 + 32));
    expect(bytes('conv2d_2 dInput')).toBe(4 * (4 * (8 * 8 * 64 + 8 * 8 * 64) + 9 * 64 * 64 + 64));
    expect(bytes('input')).toBe(4 * 32 * 32 * 3 * 5);
  });
});

describe('stepOperations', () => {
  it('is 47.6 MFLOP an image for the tutorial’s network', () => {
    expect(stepOperations(network, 1) / 1e6).toBeCloseTo(47.6, 1);
  });
});
