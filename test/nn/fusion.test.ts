/** Which operations are one in the plan, and where such an operation may read. */
import { describe, expect, it } from 'vitest';
import { KERNELS } from '../../src/engine/kernels.ts';
import { fuse } from '../../src/nn/fusion.ts';
import type { Node } from '../../src/nn/graph.ts';
import { activation, reLU } from '../../src/nn/layers/activation.ts';
import { batchNormalization } from '../../src/nn/layers/batchNormalization.ts';
import { add } from '../../src/nn/layers/merge.ts';
import { buildNetwork, graphOf } from '../../src/nn/network.ts';
import type { ConvolutionChoice } from '../../src/nn/operations/convolutionAlgorithm.ts';
import { adam } from '../../src/nn/optimizers/adam.ts';
import { planNetwork } from '../../src/nn/plan.ts';
import { conv2d, dense, flatten, maxPooling2d, type LayerSpec } from '../../src/nn/spec.ts';
import { UPDATE } from '../../src/nn/optimizers/registers.ts';
import { classification } from './classification.ts';
import { taking } from './networks.ts';

type ConvolutionOptions = Partial<Parameters<typeof conv2d>[0]>;

function convolution(options: ConvolutionOptions = {}): LayerSpec {
  return conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu', ...options });
}

/** The operations of a network as they are computed. */
function fused(layers: readonly LayerSpec[], training = true, choice?: ConvolutionChoice): Node[] {
  return fuse(graphOf(buildNetwork(layers, choice), training).nodes, training);
}

/** The names and output shapes of the operations in the plan, but for the last two. */
function planned(layers: readonly LayerSpec[], choice?: ConvolutionChoice): string[] {
  const operations = fused([...layers, flatten(), dense({ units: 2 })], true, choice).map(
    ({ operation }) => operation,
  );
  expect(operations.slice(-2).map(({ name }) => name)).toEqual(['flatten', 'dense']);
  return operations.slice(0, -2).map(({ name, outputShape }) => `${name} ${outputShape.join('×')}`);
}

const inputShape = [12, 10, 3];
const first = (options: ConvolutionOptions = {}): LayerSpec => convolution({ inputShape, ...options });

describe('a convolution with a pooling behind it', () => {
  it.each([
    { what: 'one of 2×2', layers: [first(), maxPooling2d()], shape: '6×5×4' },
    { what: 'a linear one', layers: [first({ activation: 'linear' }), maxPooling2d()], shape: '6×5×4' },
    {
      what: 'a valid one that leaves a row and a column over',
      layers: [first({ padding: 'valid', inputShape: [11, 9, 3] }), maxPooling2d()],
      shape: '4×3×4',
    },
    {
      what: 'one of 2×2 whose padding has nothing to do',
      layers: [first(), maxPooling2d({ padding: 'same' })],
      shape: '6×5×4',
    },
    {
      what: 'channels for Winograd',
      layers: [first({ filters: 8, inputShape: [12, 10, 8] }), maxPooling2d()],
      shape: '6×5×8',
    },
    { what: 'filters for im2col', layers: [first({ filters: 12 }), maxPooling2d()], shape: '6×5×12' },
    {
      what: 'filters that are no multiple of 4',
      layers: [first({ filters: 6 }), maxPooling2d()],
      shape: '6×5×6',
    },
    { what: 'a kernel of 5', layers: [first({ filters: 4, kernelSize: 5 }), maxPooling2d()], shape: '6×5×4' },
  ])('is one layer: $what', ({ layers, shape }) => {
    expect(planned(layers)).toEqual([`conv2d ${shape}`]);
  });

  it.each([
    { what: 'another window', layers: [first(), maxPooling2d({ poolSize: 3, strides: 2 })] },
    {
      what: 'a window that is not square',
      layers: [first(), maxPooling2d({ poolSize: [2, 1], strides: 2 })],
    },
    { what: 'windows that overlap', layers: [first(), maxPooling2d({ strides: 1 })] },
    { what: 'windows that are apart', layers: [first(), maxPooling2d({ strides: [2, 3] })] },
    {
      what: 'padding below',
      layers: [first({ inputShape: [11, 10, 3] }), maxPooling2d({ padding: 'same' })],
    },
    {
      what: 'padding on the right',
      layers: [first({ inputShape: [12, 9, 3] }), maxPooling2d({ padding: 'same' })],
    },
    { what: 'a kernel of 7', layers: [first({ kernelSize: 7 }), maxPooling2d()] },
    { what: 'a kernel of 3×5', layers: [first({ kernelSize: [3, 5] }), maxPooling2d()] },
    { what: 'a kernel of 1', layers: [first({ kernelSize: 1 }), maxPooling2d()] },
    { what: 'a strided convolution', layers: [first({ strides: [1, 2] }), maxPooling2d()] },
  ])('remains two layers: $what', ({ layers }) => {
    expect(planned(layers).map((layer) => layer.split(' ')[0])).toEqual(['conv2d', 'max_pooling2d']);
  });

  it.each(['im2col', 'winograd'] as const)('remains two layers by the choice of %s', (choice) => {
    const layers = [first({ filters: 8, inputShape: [12, 10, 8] }), maxPooling2d()];
    expect(planned(layers, choice)).toEqual(['conv2d 12×10×8', 'max_pooling2d 6×5×8']);
    expect(planned(layers, 'auto')).toEqual(['conv2d 6×5×8']);
  });

  it('is told from its neighbours', () => {
    expect(
      planned([
        maxPooling2d({ inputShape: [52, 52, 3] }),
        convolution(),
        convolution(),
        maxPooling2d(),
        maxPooling2d(),
        convolution(),
        maxPooling2d(),
        convolution(),
      ]),
    ).toEqual([
      'max_pooling2d 26×26×3',
      'conv2d 26×26×4',
      'conv2d_1 13×13×4',
      'max_pooling2d_2 6×6×4',
      'conv2d_2 3×3×4',
      'conv2d_3 3×3×4',
    ]);
  });

  it('has the weights and the input of the convolution', () => {
    const [alone] = fused([first(), flatten()]).map(({ operation }) => operation);
    const [together, ...rest] = fused([first(), maxPooling2d(), flatten()]).map(({ operation }) => operation);
    expect(rest.map(({ name }) => name)).toEqual(['flatten']);
    for (const key of ['name', 'inputMargins', 'weights'] as const)
      expect(together![key]).toEqual(alone![key]);
    // Its own backward pass applies the ReLU: nobody else is to do so again.
    expect(alone!.epilogue?.name).toBe('relu');
    expect(together!.epilogue).toBeUndefined();
  });
});

describe('an activation behind a product', () => {
  const names = (layers: readonly LayerSpec[], training: boolean): string[] =>
    fused(layers, training).map(({ value, operation }) => `${value}: ${operation.epilogue?.name ?? '-'}`);

  it('is its epilogue if it clamps, whether an option or a layer', () => {
    const layers = [
      first({ activation: 'linear' }),
      reLU(),
      convolution({ kernelSize: 5, activation: 'linear' }),
      activation({ activation: 'relu6' }),
      flatten(),
      dense({ units: 3, activation: 'relu' }),
    ];
    for (const training of [true, false]) {
      expect(names(layers, training)).toEqual([
        're_lu: re_lu',
        'activation: relu6',
        'flatten: -',
        'dense: relu',
      ]);
    }
  });

  it('remains by itself if it does not, or if others take what is in front of it', () => {
    expect(names([first({ activation: 'gelu' }), flatten()], true)).toEqual([
      'conv2d:0: -',
      'conv2d: -',
      'flatten: -',
    ]);
    const both = [
      first({ name: 'c', activation: 'linear' }),
      reLU({ name: 'r' }),
      taking(add({ name: 'sum' }), 'r', 'c'),
    ];
    expect(names(both, true)).toEqual(['c: -', 'r: -', 'sum: -']);
  });

  it('has no ceiling by Winograd', () => {
    const layers = [first({ filters: 8, inputShape: [12, 10, 8], activation: 'relu6' })];
    expect(names(layers, true)).toEqual(['conv2d:0: -', 'conv2d: -']);
    expect(fused(layers, true, 'im2col').map(({ operation }) => operation.epilogue?.name)).toEqual(['relu6']);
  });
});

describe('batch normalization', () => {
  const layers = [first({ activation: 'linear' }), batchNormalization(), reLU(), maxPooling2d(), flatten()];

  it('disappears in the weights in front of it in inference, and then all behind it is one with them', () => {
    expect(fused(layers, false).map(({ value }) => value)).toEqual(['max_pooling2d', 'flatten']);
    expect(fused(layers, false)[0]!.operation.weights).toMatchObject({
      kernel: 'conv2d/kernel',
      moving_mean: 'batch_normalization/moving_mean',
    });
  });

  it('remains in training', () => {
    expect(fused(layers, true).map(({ value }) => value)).toEqual([
      'conv2d',
      'batch_normalization',
      're_lu',
      'max_pooling2d',
      'flatten',
    ]);
  });
});

describe('the plan of a network', () => {
  // pooledBackwardFilter reads whole vectors of a pixel's channels: up to 12 bytes behind the last.
  it.each([
    {
      what: 'the images',
      layers: [conv2d({ filters: 4, kernelSize: 3, inputShape: [6, 6, 1] })],
      pixels: 36,
    },
    {
      what: 'what lies last in memory',
      layers: [
        conv2d({ filters: 1, kernelSize: 3, inputShape: [6, 6, 3] }),
        conv2d({ filters: 4, kernelSize: 3 }),
      ],
      pixels: 16,
    },
  ])('has memory behind the input of every convolution with pooling: $what', ({ layers, pixels }) => {
    const network = buildNetwork([...layers, maxPooling2d(), flatten(), dense({ units: 2 })]);
    const objective = classification(network);
    for (const batch of [1, 2, 4, 7, 16]) {
      const options = { start: 1024, batch, threads: 1, slots: 1, objective, optimizer: adam() };
      const plan = planNetwork(network, options);
      const calls = plan
        .train(batch, false, UPDATE)
        .filter(({ kernel }) => kernel === 'pooledBackwardFilter');
      expect(calls.length).toBe(1);
      const argument = (name: string): number => {
        const names: readonly string[] = KERNELS.pooledBackwardFilter;
        return calls[0]!.arguments[names.indexOf(name)] as number;
      };
      expect(argument('inputImage')).toBe(pixels * 4);
      expect(argument('input') + batch * pixels * 4 + 12).toBeLessThanOrEqual(plan.arena.bytes);
    }
  });
});
