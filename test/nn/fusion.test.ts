/** Which layers are one in the plan, and where such a layer may read. */
import { describe, expect, it } from 'vitest';
import type { ConvolutionChoice } from '../../src/nn/layers/convolutionAlgorithm.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import { adam } from '../../src/nn/optimizers/adam.ts';
import { planNetwork } from '../../src/nn/plan.ts';
import { conv2d, dense, flatten, maxPooling2d, type LayerSpec } from '../../src/nn/spec.ts';
import { fuse } from '../../src/nn/fusion.ts';

type ConvolutionOptions = Partial<Parameters<typeof conv2d>[0]>;

function convolution(options: ConvolutionOptions = {}): LayerSpec {
  return conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu', ...options });
}

/** The names and output shapes of the layers in the plan, but for the last two. */
function planned(layers: readonly LayerSpec[], choice?: ConvolutionChoice): string[] {
  const { layers: built, nodes } = buildNetwork([...layers, flatten(), dense({ units: 2 })], choice);
  const fused = fuse(nodes).map(({ layer }) => layer);
  expect(fused.slice(-2)).toEqual(built.slice(-2));
  return fused.slice(0, -2).map(({ name, outputShape }) => `${name} ${outputShape.join('×')}`);
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
    { what: 'filters that are no multiple of 4', layers: [first({ filters: 6 }), maxPooling2d()] },
    { what: 'a kernel of 5', layers: [first({ kernelSize: 5 }), maxPooling2d()] },
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
    const { layers, nodes } = buildNetwork([first(), maxPooling2d(), flatten()]);
    const [fused, ...rest] = fuse(nodes).map(({ layer }) => layer);
    expect(rest).toEqual(layers.slice(2));
    for (const key of ['type', 'name', 'inputShape', 'inputMargins', 'weights'] as const) {
      expect(fused![key]).toEqual(layers[0]![key]);
    }
    // Its own backward pass applies the ReLU: no other is to do so again.
    expect(layers[0]!.activation).toBe('relu');
    expect(fused!.activation).toBe('linear');
  });
});

describe('the plan of a network', () => {
  // pooledBackwardFilter reads whole vectors of a pixel's channels: up to 12 bytes behind the last.
  it('has memory behind the input of every convolution with pooling', () => {
    const network = buildNetwork([
      conv2d({ filters: 4, kernelSize: 3, inputShape: [6, 6, 1] }),
      maxPooling2d(),
      flatten(),
      dense({ units: 2 }),
    ]);
    for (const batch of [1, 7]) {
      const options = { start: 1024, batch, threads: 1, slots: 1, optimizer: adam() };
      const plan = planNetwork(network, options);
      const calls = plan.train(batch, false).filter(({ kernel }) => kernel === 'pooledBackwardFilter');
      expect(calls.length).toBe(1);
      const [input, image] = calls[0]!.arguments as readonly number[];
      expect(image).toBe(6 * 6 * 4);
      expect(input! + batch * image! + 12).toBeLessThanOrEqual(plan.arena.bytes);
    }
  });
});
