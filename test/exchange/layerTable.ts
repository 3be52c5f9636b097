/** Small networks that have every type of layer between them, in the forms that other programs write differently. */
import { parseLayerSpec, type LayerSpec } from '../../src/nn/spec.ts';
import { ACTIVATIONS } from '../../src/nn/activations/registry.ts';

type Layers = readonly Readonly<Record<string, unknown>>[];

const conv = (options: object) => ({ type: 'conv2d', filters: 4, kernelSize: 3, ...options });
const pool = (type: string, options: object) => ({ type, ...options });
const flat = { type: 'flatten' };
const dense = { type: 'dense', units: 5 };

/** [7, 8, 3] images if the first layer has no shape. */
const TABLE: Readonly<Record<string, Layers>> = {
  conv_valid: [conv({})],
  conv_same: [conv({ padding: 'same', useBias: false })],
  conv_even: [conv({ kernelSize: [2, 4], padding: 'same' })],
  conv_strides: [conv({ padding: 'same', strides: 2, activation: 'relu' })],
  conv_stride_3: [conv({ padding: 'same', kernelSize: [5, 3], strides: [3, 2] })],
  conv_stride_wide: [conv({ padding: 'same', kernelSize: 1, strides: 3 })],
  conv_dilated: [conv({ padding: 'same', dilationRate: [2, 1] })],
  conv_border: [conv({ padding: [[2, 1], [0, 1]], strides: 2 }), conv({ padding: 1, strides: 2 })], // prettier-ignore
  pooling_border: [
    pool('maxPooling2d', { poolSize: 3, strides: 1, padding: [[0, 2], [1, 0]] }), // prettier-ignore
    pool('averagePooling2d', { poolSize: 3, strides: 1, padding: [[0, 2], [1, 0]] }), // prettier-ignore
    pool('maxPooling2d', { poolSize: 3, strides: 2, padding: 1 }),
    pool('averagePooling2d', { poolSize: 3, strides: 2, padding: 1 }),
  ],
  depthwise_border: [
    pool('depthwiseConv2d', { kernelSize: 3, strides: 2, padding: [[2, 0], [0, 1]] }), // prettier-ignore
    pool('separableConv2d', { filters: 3, kernelSize: 2, padding: 1 }),
  ],
  max_pooling_border: [
    conv({ activation: 'relu' }),
    pool('maxPooling2d', { poolSize: 3, strides: 1, padding: [[0, 2], [1, 0]] }), // prettier-ignore
    { type: 'dropout', rate: 0.5 },
    pool('maxPooling2d', { poolSize: 2, padding: 1 }),
    conv({ padding: 1 }),
  ],
  conv_groups: [conv({ filters: 6 }), conv({ filters: 4, groups: 2, activation: 'gelu' })],
  depthwise: [pool('depthwiseConv2d', { kernelSize: 3, depthMultiplier: 2, strides: 2, padding: 'same' })],
  depthwise_plain: [pool('depthwiseConv2d', { kernelSize: [3, 2], useBias: false, activation: 'silu' })],
  separable: [
    pool('separableConv2d', { filters: 5, kernelSize: 3, depthMultiplier: 2, strides: 2, padding: 'same' }),
    pool('separableConv2d', { filters: 3, kernelSize: 2, useBias: false, activation: 'tanh' }),
  ],
  separable_names: [
    pool('separableConv2d', { name: 'a', filters: 5, kernelSize: 3 }),
    conv({ name: 'a_depthwise', kernelSize: 1 }),
    conv({ name: 'a-depthwise', kernelSize: 1 }),
    conv({ name: 'train', kernelSize: 1 }),
    conv({ name: '0.conv', kernelSize: 1 }),
    conv({ name: '__x', kernelSize: 1 }),
    conv({ name: 'x', kernelSize: 1 }),
    conv({ name: 'lambda', kernelSize: 1 }),
  ],
  dense_of_images: [
    { ...dense, activation: 'softmax' },
    { ...dense, useBias: false },
  ],
  max_pooling: [pool('maxPooling2d', {})],
  max_pooling_same: [pool('maxPooling2d', { poolSize: 3, strides: 2, padding: 'same' })],
  max_pooling_alike: [conv({}), pool('maxPooling2d', { poolSize: 3, strides: 1, padding: 'same' })],
  average_pooling: [pool('averagePooling2d', { poolSize: [2, 3], strides: 1 })],
  average_pooling_same: [pool('averagePooling2d', { poolSize: 3, strides: 2, padding: 'same' })],
  average_pooling_alike: [pool('averagePooling2d', { poolSize: 3, strides: 1, padding: 'same' })],
  global_average: [pool('globalAveragePooling2d', {}), dense],
  global_max: [pool('globalMaxPooling2d', { keepdims: true }), conv({ kernelSize: 1 })],
  global_keep: [pool('globalAveragePooling2d', { keepdims: true }), flat, dense],
  global_max_flat: [pool('globalMaxPooling2d', {}), { ...dense, useBias: false }],
  batch_norm: [{ type: 'batchNormalization' }, { type: 'batchNormalization', momentum: 0.9, epsilon: 1e-5 }],
  batch_norm_parts: [
    { type: 'batchNormalization', scale: false },
    { type: 'batchNormalization', center: false },
    { type: 'batchNormalization', scale: false, center: false },
  ],
  flatten_last: [conv({}), flat],
  flatten_softmax: [conv({}), flat, { type: 'softmax' }],
  flatten_dense: [conv({ padding: 'same' }), flat, dense, { ...dense, units: 3, activation: 'sigmoid' }],
  flatten_long_way: [
    conv({}),
    flat,
    { type: 'batchNormalization' },
    { type: 'dropout', rate: 0.5 },
    { type: 'rescaling', scale: 0.5, offset: -0.1 },
    { type: 'normalization', mean: Array.from({ length: 120 }, (_, i) => i / 64), variance: 2 },
    { type: 'leakyReLU' },
    flat,
    dense,
  ],
  flatten_reshape: [conv({}), flat, { type: 'reshape', targetShape: [4, 15, 2] }, conv({}), flat, dense],
  flatten_merge: [
    conv({ name: 'a', padding: 'same' }),
    { ...flat, name: 'b' },
    { type: 'batchNormalization', name: 'c' },
    { type: 'add', name: 'd', inputs: ['b', 'c'] },
    { ...dense },
  ],
  flatten_concatenate: [
    conv({ name: 'a', padding: 'same' }),
    { ...flat, name: 'b' },
    pool('maxPooling2d', { name: 'c', inputs: ['a'] }),
    { ...flat, name: 'd' },
    { ...dense, name: 'e', inputs: ['d'] },
    { type: 'concatenate', name: 'f', inputs: ['b', 'e', 'd'] },
    { type: 'batchNormalization' },
    { ...dense },
  ],
  flatten_unlike: [
    conv({ name: 'a', padding: 'same' }),
    { ...flat, name: 'b' },
    { type: 'reshape', name: 'c', targetShape: [8, 7, 4], inputs: ['a'] },
    { ...flat, name: 'd' },
    { type: 'multiply', name: 'e', inputs: ['b', 'd'] },
    dense,
  ],
  merges: [
    conv({ name: 'a' }),
    conv({ name: 'b', kernelSize: 1, inputs: ['a'] }),
    { type: 'subtract', name: 'c', inputs: ['a', 'b'] },
    { type: 'multiply', name: 'd', inputs: ['a', 'b', 'c'] },
    pool('globalAveragePooling2d', { name: 'e', inputs: ['d'] }),
    { type: 'multiply', name: 'f', inputs: ['d', 'e'] },
    { type: 'add', name: 'g', inputs: ['e', 'f', 'a'] },
    { type: 'concatenate', name: 'h', inputs: ['g', 'd'] },
    { type: 'concatenate', name: 'i', inputs: ['h', 'h'], axis: 1 },
    { type: 'concatenate', name: 'j', inputs: ['i', 'i'], axis: -2 },
  ],
  images_twice: [
    conv({ name: 'a', padding: 'same', filters: 3, inputs: ['images'] }),
    { type: 'add', name: 'b', inputs: ['a', 'images'] },
    { type: 'spatialDropout2d', rate: 0.2, name: 'c' },
    { type: 'add', name: 'd', inputs: ['b', 'c'] },
  ],
  borders: [
    { type: 'zeroPadding2d', padding: [[0, 1], [2, 0]] }, // prettier-ignore
    { type: 'cropping2d', cropping: [[1, 0], [0, 3]] }, // prettier-ignore
    { type: 'upSampling2d', size: [2, 3] },
  ],
  known: [
    { type: 'rescaling', scale: [0.5, 2, -1], offset: [1, 0, 0.25] },
    { type: 'rescaling', scale: 1 / 127.5, offset: -1 },
    { type: 'normalization', mean: [0.4, 0.5, 0.6], variance: [0.04, 0.06, 0.01] },
    { type: 'normalization', mean: [0.4, 0.5, 0.6], variance: [0.04, 0.06, 0.1], invert: true },
    { type: 'normalization', mean: -0.5, variance: 0.25 },
  ],
  rectifiers: [
    { type: 'reLU', threshold: 0.1, negativeSlope: 0.2, maxValue: 0.75 },
    conv({}),
    { type: 'reLU', maxValue: 0.5 },
    conv({}),
    { type: 'reLU', negativeSlope: 0.1 },
    conv({ kernelSize: 1 }),
    { type: 'reLU' },
    { type: 'leakyReLU', negativeSlope: 0.05 },
  ],
  rows: [
    { type: 'reshape', targetShape: [21, 8] },
    { type: 'batchNormalization' },
    { type: 'softmax' },
    { type: 'rescaling', scale: [1, 2, 3, 4, 5, 6, 7, 8] },
    flat,
    dense,
  ],
  augmentations: [
    { type: 'randomFlip' },
    { type: 'randomTranslation', heightFactor: 0.1, widthFactor: 0.1 },
    { type: 'randomRotation', factor: 0.1 },
    { type: 'randomZoom', heightFactor: 0.1 },
    { type: 'randomBrightness', factor: 0.1 },
    { type: 'randomContrast', factor: 0.1 },
    { type: 'randomSaturation', factor: 0.6 },
    { type: 'cutout', size: 2 },
    { type: 'mixUp' },
    conv({}),
  ],
  ...Object.fromEntries(
    ACTIVATIONS.map((activation) => [
      `activation_${activation}`,
      [conv({}), { type: 'activation', activation }],
    ]),
  ),
};

/** Their layers, by name; the names can be those of files. */
export const layerTable: ReadonlyMap<string, readonly LayerSpec[]> = new Map(
  Object.entries(TABLE).map(([name, [first, ...others]]) => [
    name,
    [{ inputShape: [7, 8, 3], ...first }, ...others].map(parseLayerSpec),
  ]),
);
