/** The networks of layers.test.ts: each layer between others that have weights and read margins. */
import { activation, reLU } from '../../src/nn/layers/activation.ts';
import { averagePooling2d } from '../../src/nn/layers/averagePooling2d.ts';
import { conv2d, type Conv2dOptions } from '../../src/nn/layers/conv2d.ts';
import { cropping2d } from '../../src/nn/layers/cropping2d.ts';
import { cutout } from '../../src/nn/layers/cutout.ts';
import type { Spec } from '../../src/nn/layers/definition.ts';
import { dense } from '../../src/nn/layers/dense.ts';
import { depthwiseConv2d, type DepthwiseConv2dOptions } from '../../src/nn/layers/depthwiseConv2d.ts';
import { dropout, spatialDropout2d } from '../../src/nn/layers/dropout.ts';
import { flatten } from '../../src/nn/layers/flatten.ts';
import { globalAveragePooling2d } from '../../src/nn/layers/globalAveragePooling2d.ts';
import { globalMaxPooling2d } from '../../src/nn/layers/globalMaxPooling2d.ts';
import { add, multiply, subtract } from '../../src/nn/layers/merge.ts';
import { normalization } from '../../src/nn/layers/normalization.ts';
import { randomBrightness, randomContrast, randomSaturation } from '../../src/nn/layers/randomColour.ts';
import { randomFlip } from '../../src/nn/layers/randomFlip.ts';
import { randomRotation } from '../../src/nn/layers/randomRotation.ts';
import { randomTranslation } from '../../src/nn/layers/randomTranslation.ts';
import { randomZoom } from '../../src/nn/layers/randomZoom.ts';
import { rescaling } from '../../src/nn/layers/rescaling.ts';
import { reshape } from '../../src/nn/layers/reshape.ts';
import { separableConv2d } from '../../src/nn/layers/separableConv2d.ts';
import { softmax } from '../../src/nn/layers/softmax.ts';
import { upSampling2d } from '../../src/nn/layers/upSampling2d.ts';
import { zeroPadding2d } from '../../src/nn/layers/zeroPadding2d.ts';

export interface LayerCase {
  readonly name: string;
  readonly layers: readonly Spec[];
}

const INPUT = [7, 6, 2];
const first = (): Spec => conv2d({ filters: 4, kernelSize: 2, inputShape: INPUT });
const last = (): Spec[] => [flatten(), dense({ units: 3 })];

/** Between convolutions, the second of which reads margins of its output and of its gradient. */
const inside = (name: string, ...layers: readonly Spec[]): LayerCase => ({
  name,
  layers: [first(), ...layers, conv2d({ filters: 3, kernelSize: 3, padding: 'same' }), ...last()],
});

/** Behind the images, and in front of a vector. */
const outside = (name: string, layer: Spec): LayerCase => ({
  name: `${name}, first`,
  layers: [{ ...layer, inputShape: INPUT }, conv2d({ filters: 3, kernelSize: 2 }), ...last()],
});

const vector = (name: string, ...layers: readonly Spec[]): LayerCase => ({
  name,
  layers: [first(), ...layers, dense({ units: 3 })],
});

const named = (layer: Spec, name: string, ...inputs: readonly string[]): Spec => ({
  ...layer,
  name,
  inputs,
});

/** Two convolutions of the images, of different extents, and what makes one of them. */
const merging = (
  name: string,
  merge: Spec,
  [a, b]: readonly [Spec[], Spec[]],
  others: readonly string[] = [],
): LayerCase => {
  const branch = (id: string, filters: number, layers: readonly Spec[]): Spec[] =>
    [conv2d({ filters, kernelSize: 2, ...(id === 'a' && { inputShape: INPUT }) }), ...layers].map(
      (layer, i) => named(layer, `${id}${i}`, i === 0 ? 'images' : `${id}${i - 1}`),
    );
  const inputs = [`a${a.length}`, `b${b.length}`, ...others];
  return {
    name,
    layers: [
      ...branch('a', 4, a),
      ...branch('b', 4, b),
      named(merge, 'merge', ...inputs),
      conv2d({ filters: 3, kernelSize: 3, padding: 'same' }),
      ...last(),
    ],
  };
};

const gate = (): Spec[] => [
  globalAveragePooling2d({ keepdims: true }),
  conv2d({ filters: 4, kernelSize: 1, activation: 'sigmoid' }),
];

const SIDED = [
  [0, 2],
  [3, 1],
] as const;
const WIDE = [
  [5, 3],
  [4, 6],
] as const;

/** A convolution with sizes for padding, inside and first. */
const padded = (name: string, options: Conv2dOptions): LayerCase[] => [
  inside(`conv2d with padding, ${name}`, conv2d(options)),
  outside(`conv2d with padding, ${name}`, conv2d(options)),
];

const depthwiseCases: readonly (readonly [string, DepthwiseConv2dOptions])[] = [
  ['3×3', { kernelSize: 3 }],
  ['same, with ReLU6', { kernelSize: 3, padding: 'same', activation: 'relu6' }],
  ['strides 2, same', { kernelSize: [3, 2], strides: 2, padding: 'same' }],
  ['strides [2, 3]', { kernelSize: [2, 3], strides: [2, 3], useBias: false }],
  ['a multiplier of 3', { kernelSize: 2, depthMultiplier: 3, activation: 'silu' }],
  ['dilation', { kernelSize: 2, dilationRate: [2, 3], padding: 'same', depthMultiplier: 2 }],
  ['padding on some sides', { kernelSize: 3, padding: SIDED, activation: 'relu6' }],
  ['padding wider than the kernel, strides 2', { kernelSize: 3, strides: 2, padding: WIDE }],
  ['padding and dilation', { kernelSize: 2, dilationRate: [2, 3], padding: [3, 1], depthMultiplier: 2 }],
];

const convolutions: readonly LayerCase[] = [
  ...depthwiseCases.flatMap(([name, options]) => [
    inside(`depthwiseConv2d, ${name}`, depthwiseConv2d(options)),
    inside(`separableConv2d, ${name}`, separableConv2d({ ...options, filters: 9 })),
  ]),
  outside('depthwiseConv2d', depthwiseConv2d({ kernelSize: 3, padding: 'same' })),
  outside('separableConv2d', separableConv2d({ kernelSize: 3, filters: 5, useBias: false })),
  inside(
    'depthwiseConv2d and a scale behind',
    depthwiseConv2d({ kernelSize: 2 }),
    rescaling({ scale: [1, 2, 3, -4], offset: 0.5 }),
    reLU({ maxValue: 6 }),
  ),
  inside('conv2d 1×1', conv2d({ filters: 11, kernelSize: 1, activation: 'relu6' })),
  inside('conv2d 1×1, strides 2', conv2d({ filters: 5, kernelSize: 1, strides: 2, padding: 'same' })),
  inside(
    'conv2d 1×1, strides [1, 4]',
    conv2d({ filters: 5, kernelSize: 1, strides: [1, 4], useBias: false }),
  ),
  outside('conv2d 1×1', conv2d({ filters: 8, kernelSize: 1, activation: 'silu' })),
  ...padded('one on each side', { filters: 5, kernelSize: 3, padding: 1, strides: 2 }),
  ...padded('some sides', { filters: 8, kernelSize: [2, 3], padding: SIDED, activation: 'silu' }),
  ...padded('wider than the kernel', { filters: 5, kernelSize: 3, padding: WIDE, strides: [1, 3] }),
  ...padded('dilation', { filters: 4, kernelSize: 3, padding: [3, 2], dilationRate: [2, 1], groups: 2 }),
  ...padded('1×1', { filters: 9, kernelSize: 1, padding: SIDED, activation: 'silu' }),
  ...padded('1×1, strides 2', { filters: 8, kernelSize: 1, padding: [2, 1], strides: 2 }),
  ...[3, 5].map((kernelSize): LayerCase => ({
    name: `conv2d with padding, by minimal filtering, ${kernelSize}×${kernelSize}`,
    layers: [
      conv2d({ filters: 8, kernelSize: 2, inputShape: INPUT }),
      conv2d({ filters: 8, kernelSize, padding: SIDED }),
      conv2d({ filters: 8, kernelSize, padding: WIDE, activation: 'silu' }),
      ...last(),
    ],
  })),
];

const movings: readonly LayerCase[] = [
  inside(
    'zeroPadding2d',
    zeroPadding2d({
      padding: [
        [0, 1],
        [2, 3],
      ],
    }),
  ),
  outside('zeroPadding2d', zeroPadding2d()),
  inside(
    'cropping2d',
    cropping2d({
      cropping: [
        [1, 0],
        [0, 2],
      ],
    }),
  ),
  outside('cropping2d', cropping2d({ cropping: [2, 1] })),
  inside('zeroPadding2d of nothing, cropping2d of nothing', zeroPadding2d({ padding: 0 }), cropping2d()),
  inside('upSampling2d', upSampling2d({ size: [2, 3] })),
  outside('upSampling2d', upSampling2d()),
  inside('reshape', reshape({ targetShape: [5, -1, 4] }), reshape({ targetShape: [2, 10, 6] })),
  vector(
    'reshape to rows and to a vector',
    reshape({ targetShape: [-1, 8] }),
    reshape({ targetShape: [120] }),
  ),
  vector(
    'dense of rows',
    reshape({ targetShape: [-1, 8] }),
    dense({ units: 5, activation: 'silu' }),
    flatten(),
  ),
];

const poolings: readonly LayerCase[] = [
  inside('averagePooling2d', averagePooling2d()),
  inside(
    'averagePooling2d, overlapping, same',
    averagePooling2d({ poolSize: 3, strides: [1, 2], padding: 'same' }),
  ),
  outside('averagePooling2d', averagePooling2d({ poolSize: [2, 3] })),
  inside(
    'averagePooling2d, overlapping, padding on some sides',
    averagePooling2d({
      poolSize: 3,
      strides: [1, 2],
      padding: [
        [2, 0],
        [2, 2],
      ],
    }),
  ),
  vector('globalMaxPooling2d', globalMaxPooling2d()),
  inside('globalMaxPooling2d with dimensions', globalMaxPooling2d({ keepdims: true })),
];

const values: readonly LayerCase[] = [
  inside('softmax of pixels', softmax()),
  { name: 'softmax of a vector', layers: [first(), ...last(), softmax()] },
  inside('rescaling by numbers', rescaling({ scale: 2.5, offset: -0.25 })),
  outside('rescaling by channels', rescaling({ scale: [2, -3], offset: [0.5, 0.25] })),
  inside('normalization', normalization({ mean: [0.5, -0.5, 0, 2], variance: [0.25, 4, 1, 9] })),
  outside('normalization', normalization({ mean: 0.25, variance: [2, 0.5] })),
  inside('normalization, inverted', normalization({ mean: 0.5, variance: 2, invert: true })),
  inside('dropout', dropout({ rate: 0.4 })),
  inside(
    'dropout in front of an activation',
    dropout({ rate: 0.25, seed: 2 ** 40 + 3 }),
    activation({ activation: 'silu' }),
  ),
  outside('dropout', dropout({ rate: 0.9 })),
  inside('dropout of nothing', dropout({ rate: 0 })),
  { name: 'dropout of a vector', layers: [first(), flatten(), dropout({ rate: 0.5 }), dense({ units: 3 })] },
  inside('spatialDropout2d', spatialDropout2d({ rate: 0.5, seed: 3 })),
];

/** In front of what reads margins, and of what does not. */
const augmentations: readonly LayerCase[] = [
  randomFlip(),
  randomFlip({ mode: 'horizontal' }),
  randomFlip({ mode: 'vertical', seed: 2 ** 40 + 3 }),
  randomTranslation({ heightFactor: 0.3, widthFactor: [-0.5, 0.1] }),
  randomTranslation({ heightFactor: 0.3, widthFactor: 0.3, fillMode: 'constant', fillValue: 0.5 }),
  randomRotation({ factor: 0.2 }),
  randomZoom({ heightFactor: 0.3 }),
  randomZoom({ heightFactor: 0.3, widthFactor: [-0.4, 0.2], fillMode: 'wrap' }),
  randomBrightness({ factor: 0.3, valueRange: [-1, 1] }),
  randomContrast({ factor: 0.5, valueRange: [-1, 1] }),
  cutout({ size: 3, fillValue: 0.25 }),
].flatMap((layer, i) => [
  outside(`${layer.type} ${i}`, layer),
  {
    name: `${layer.type} ${i} behind another one`,
    layers: [
      rescaling({ scale: 0.75, inputShape: INPUT }),
      layer,
      conv2d({ filters: 3, kernelSize: 3, padding: 'same' }),
      ...last(),
    ],
  },
]);

const colours: LayerCase = {
  name: 'colours',
  layers: [
    rescaling({ scale: 0.5, offset: 0.5, inputShape: [5, 4, 3] }),
    randomSaturation({ factor: [0.2, 0.7] }),
    randomBrightness({ factor: 0.2 }),
    randomContrast({ factor: 0.5 }),
    conv2d({ filters: 3, kernelSize: 3, padding: 'same' }),
    ...last(),
  ],
};

const merges: readonly LayerCase[] = [
  ...[add, subtract, multiply].flatMap((merge) => [
    merging(`${merge.name} of one shape`, merge(), [[], []]),
    merging(`${merge.name}, one pixel second`, merge(), [[], gate()]),
    merging(`${merge.name}, one pixel first`, merge(), [gate(), []]),
    merging(`${merge.name}, a vector`, merge(), [[], [globalMaxPooling2d()]]),
    merging(`${merge.name}, one channel`, merge(), [[], [conv2d({ filters: 1, kernelSize: 1 })]]),
    merging(`${merge.name}, a row and a column`, merge(), [
      [conv2d({ filters: 4, kernelSize: [6, 1] })],
      [conv2d({ filters: 4, kernelSize: [1, 5] })],
    ]),
    {
      name: `${merge.name} of the images`,
      layers: [
        named(conv2d({ filters: 2, kernelSize: 3, padding: 'same', inputShape: INPUT }), 'a0', 'images'),
        named(merge(), 'merge', 'images', 'a0'),
        ...last(),
      ],
    },
  ]),
  ...[add, multiply].flatMap((merge) => [
    merging(`${merge.name} of four, broadcast`, merge(), [gate(), []], ['b0', 'a0']),
    merging(`${merge.name} of three`, merge(), [[], []], ['b0']),
    merging(`${merge.name} of one twice`, merge(), [[], gate()], ['b2']),
  ]),
];

export const cases: readonly LayerCase[] = [
  ...convolutions,
  ...movings,
  ...poolings,
  ...values,
  ...augmentations,
  colours,
  ...merges,
];
