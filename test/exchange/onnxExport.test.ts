import { describe, expect, it } from 'vitest';
import { ACTIVATIONS } from '../../src/nn/activations/registry.ts';
import { activation, leakyReLU, reLU } from '../../src/nn/layers/activation.ts';
import { averagePooling2d } from '../../src/nn/layers/averagePooling2d.ts';
import { batchNormalization } from '../../src/nn/layers/batchNormalization.ts';
import { concatenate } from '../../src/nn/layers/concatenate.ts';
import type { Spec } from '../../src/nn/layers/definition.ts';
import { depthwiseConv2d } from '../../src/nn/layers/depthwiseConv2d.ts';
import { dropout } from '../../src/nn/layers/dropout.ts';
import { globalAveragePooling2d } from '../../src/nn/layers/globalAveragePooling2d.ts';
import { globalMaxPooling2d } from '../../src/nn/layers/globalMaxPooling2d.ts';
import { add, multiply, subtract } from '../../src/nn/layers/merge.ts';
import { mixUp } from '../../src/nn/layers/mixUp.ts';
import { rescaling } from '../../src/nn/layers/rescaling.ts';
import { reshape } from '../../src/nn/layers/reshape.ts';
import { separableConv2d } from '../../src/nn/layers/separableConv2d.ts';
import { softmax } from '../../src/nn/layers/softmax.ts';
import { upSampling2d } from '../../src/nn/layers/upSampling2d.ts';
import { conv2d, dense, flatten, maxPooling2d } from '../../src/nn/spec.ts';
import { networkPreset } from '../../src/networks/registry.ts';
import { cases } from '../nn/layerCases.ts';
import { taking } from '../nn/networks.ts';
import { difference } from './onnxRuntime.ts';
import { PRESETS, presetLayers } from './presets.ts';

const INPUT = { inputShape: [7, 5, 4] };
const LAYOUTS = ['nhwc', 'nchw'] as const;

describe('the networks that there are, in ONNX Runtime', () => {
  it.each(PRESETS)('%s', async (name) => {
    expect((await difference(presetLayers(name))).absolute).toBeLessThan(1e-5);
  });

  it.each(['lenet', 'airbench94', 'mlp'])('%s, of images channels first', async (name) => {
    const layers = networkPreset(name, { inputShape: [28, 30, 3], classes: 10 });
    expect((await difference(layers, 'nchw')).absolute).toBeLessThan(1e-5);
  });
});

describe.each(LAYOUTS)('layers, of images %s', (layout) => {
  it.each(cases)('$name', async ({ layers }) => {
    expect((await difference(layers, layout)).relative).toBeLessThan(5e-6);
  });
});

/** Two convolutions of the images, both of which a layer takes. */
const branched = (merge: Spec, ...second: readonly Spec[]): Spec[] => [
  conv2d({ name: 'a', filters: 4, kernelSize: 1, ...INPUT }),
  taking(conv2d({ name: 'b', filters: 4, kernelSize: 1 }), 'images'),
  ...second,
  taking(merge, 'a', second.at(-1)?.name ?? 'b'),
];

const OWN: readonly (readonly [string, readonly Spec[]])[] = [
  ...ACTIVATIONS.flatMap((name): [string, Spec[]][] => [
    [`${name} of images`, [conv2d({ filters: 5, kernelSize: 2, activation: name, ...INPUT })]],
    [`${name} of vectors`, [flatten(INPUT), dense({ units: 5, activation: name })]],
    [`${name} as a layer`, [rescaling({ scale: 4, offset: -2, ...INPUT }), activation({ activation: name })]],
  ]),
  ['strides, same', [conv2d({ filters: 3, kernelSize: [3, 4], strides: [2, 3], padding: 'same', ...INPUT })]],
  [
    'strides beyond the kernel',
    [conv2d({ filters: 3, kernelSize: 1, strides: 3, padding: 'same', ...INPUT })],
  ],
  ['strides, valid', [conv2d({ filters: 3, kernelSize: [2, 3], strides: 2, useBias: false, ...INPUT })]],
  [
    'dilation, same',
    [conv2d({ filters: 3, kernelSize: 2, dilationRate: [2, 3], padding: 'same', ...INPUT })],
  ],
  ['dilation, valid', [conv2d({ filters: 3, kernelSize: 3, dilationRate: [3, 2], ...INPUT })]],
  [
    'explicit padding',
    [
      conv2d({
        filters: 3,
        kernelSize: 3,
        padding: [
          [2, 0],
          [1, 3],
        ],
        ...INPUT,
      }),
    ],
  ],
  ['explicit padding and strides', [conv2d({ filters: 3, kernelSize: 3, strides: 2, padding: 1, ...INPUT })]],
  ['poolings with padding', [maxPooling2d({ poolSize: 3, strides: 2, padding: 1, ...INPUT })]],
  ['means with padding', [averagePooling2d({ poolSize: 3, strides: 2, padding: [1, 2], ...INPUT })]],
  ['groups', [conv2d({ filters: 6, kernelSize: 3, groups: 2, padding: 'same', ...INPUT })]],
  ['as many groups as channels', [conv2d({ filters: 8, kernelSize: 2, groups: 4, ...INPUT })]],
  ['a multiplier', [depthwiseConv2d({ kernelSize: 3, depthMultiplier: 3, padding: 'same', ...INPUT })]],
  [
    'a separable convolution',
    [
      separableConv2d({
        filters: 7,
        kernelSize: 3,
        depthMultiplier: 2,
        strides: 2,
        padding: 'same',
        ...INPUT,
      }),
    ],
  ],
  ['poolings that overlap', [maxPooling2d({ poolSize: 3, strides: [1, 2], padding: 'same', ...INPUT })]],
  ['poolings that leave rows out', [averagePooling2d({ poolSize: 2, strides: 3, ...INPUT })]],
  ['means at the border', [averagePooling2d({ poolSize: [4, 3], strides: 2, padding: 'same', ...INPUT })]],
  ['global poolings', [globalAveragePooling2d(INPUT)]],
  ['global poolings with dimensions', [globalMaxPooling2d({ keepdims: true, ...INPUT })]],
  ['an image of one pixel, flattened', [globalAveragePooling2d({ keepdims: true, ...INPUT }), flatten()]],
  ['larger images', [upSampling2d({ size: [3, 2], ...INPUT })]],
  ['batch normalization of images', [batchNormalization(INPUT)]],
  ['its scale alone', [batchNormalization({ center: false, epsilon: 0.1, ...INPUT })]],
  ['its shift alone', [batchNormalization({ scale: false, ...INPUT })]],
  ['batch normalization of vectors', [flatten(INPUT), batchNormalization(), dense({ units: 3 })]],
  [
    'batch normalization of rows',
    [reshape({ targetShape: [35, 4], ...INPUT }), batchNormalization(), softmax(), flatten()],
  ],
  ['dense on images', [dense({ units: 3, activation: 'relu', ...INPUT })]],
  ['dense behind a convolution', [conv2d({ filters: 3, kernelSize: 2, ...INPUT }), dense({ units: 5 })]],
  [
    'dense without a bias',
    [dense({ units: 3, useBias: false, ...INPUT }), flatten(), dense({ units: 2, useBias: false })],
  ],
  [
    'dense on rows',
    [reshape({ targetShape: [35, 4], ...INPUT }), dense({ units: 3, activation: 'softmax' })],
  ],
  [
    'values of a flattened image',
    [conv2d({ filters: 3, kernelSize: 2, ...INPUT }), flatten(), rescaling({ scale: 2 })],
  ],
  ['a flattened image', [conv2d({ filters: 3, kernelSize: 2, ...INPUT }), flatten()]],
  ['rows as images', [reshape({ targetShape: [35, 4], ...INPUT }), reshape({ targetShape: [5, 7, 4] })]],
  [
    'a channel in another shape',
    [conv2d({ filters: 1, kernelSize: 1, ...INPUT }), reshape({ targetShape: [5, 7, 1] })],
  ],
  [
    'a ReLU with a threshold',
    [rescaling({ scale: 8, ...INPUT }), reLU({ threshold: 1, negativeSlope: 0.5 })],
  ],
  [
    'all that a ReLU has',
    [rescaling({ scale: 8, ...INPUT }), reLU({ threshold: 1, negativeSlope: 0.5, maxValue: 3 })],
  ],
  ['a bound below the threshold', [rescaling({ scale: 8, ...INPUT }), reLU({ threshold: 3, maxValue: 1 })]],
  [
    'a slope and a bound',
    [rescaling({ scale: 8, offset: -4, ...INPUT }), reLU({ negativeSlope: 0.5, maxValue: 2 })],
  ],
  ['a slope', [rescaling({ scale: 8, offset: -4, ...INPUT }), reLU({ negativeSlope: 0.5 }), leakyReLU()]],
  [
    'a vector added to rows',
    [
      reshape({ name: 'rows', targetShape: [35, 4], ...INPUT }),
      taking(globalAveragePooling2d({ name: 'vector' }), 'images'),
      taking(add(), 'rows', 'vector'),
    ],
  ],
  [
    'a row of pixels in images',
    [
      conv2d({ name: 'images_', filters: 4, kernelSize: 1, ...INPUT }),
      taking(conv2d({ name: 'row', filters: 4, kernelSize: [7, 1] }), 'images'),
      reshape({ name: 'rows', targetShape: [5, 4] }),
      taking(multiply(), 'images_', 'rows'),
    ],
  ],
  [
    'a vector less images',
    [
      globalMaxPooling2d({ name: 'vector', ...INPUT }),
      taking(conv2d({ name: 'b', filters: 4, kernelSize: 1 }), 'images'),
      taking(subtract(), 'vector', 'b'),
    ],
  ],
  ...[1, 2, 3, -1, -2].map((axis): [string, Spec[]] => [
    `axis ${axis} of images`,
    branched(concatenate({ axis })),
  ]),
  [
    'vectors side by side',
    [
      globalMaxPooling2d({ name: 'a', ...INPUT }),
      taking(globalAveragePooling2d({ name: 'b' }), 'images'),
      taking(concatenate(), 'a', 'b'),
    ],
  ],
  [
    'rows one above the other',
    [
      reshape({ name: 'a', targetShape: [35, 4], ...INPUT }),
      taking(reshape({ name: 'b', targetShape: [-1, 4] }), 'images'),
      taking(concatenate({ axis: 1 }), 'a', 'b'),
    ],
  ],
  ['nothing at all', [dropout({ rate: 0.5, ...INPUT })]],
  ['mixed images', [mixUp({ alpha: 0.5, ...INPUT }), conv2d({ filters: 2, kernelSize: 2 })]],
];

describe.each(LAYOUTS)('options and shapes, of images %s', (layout) => {
  it.each(OWN)('%s', async (_, layers) => {
    expect((await difference(layers, layout)).relative).toBeLessThan(5e-6);
  });
});
