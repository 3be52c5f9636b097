/** The networks of gradients.test.ts: every kind of layer in every kind of place. */
import { reLU } from '../../src/nn/layers/activation.ts';
import { concatenate } from '../../src/nn/layers/concatenate.ts';
import { add, subtract } from '../../src/nn/layers/merge.ts';
import { conv2d, dense, flatten, maxPooling2d, type LayerSpec } from '../../src/nn/spec.ts';
import { taking } from './networks.ts';

/** A network to compare with the reference. */
export interface GradientCase {
  readonly name: string;
  readonly layers: readonly LayerSpec[];
  readonly count: number;
  /** Whether Winograd's algorithm suits some of its convolutions. */
  readonly winograd?: boolean;
  /** Whether some of its convolutions are one with their poolings, if the algorithm is left open. */
  readonly pooled?: boolean;
}

export const cases: readonly GradientCase[] = [
  {
    name: 'convolutions with strides 2 and 3, same and valid',
    count: 3,
    layers: [
      conv2d({
        filters: 5,
        kernelSize: 3,
        strides: 2,
        padding: 'same',
        activation: 'relu',
        inputShape: [14, 13, 3],
      }),
      conv2d({ filters: 9, kernelSize: 4, strides: 3, activation: 'relu' }),
      flatten(),
      dense({ units: 4, activation: 'softmax' }),
    ],
  },
  {
    name: 'three convolutions, the strided ones inside',
    count: 3,
    layers: [
      conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [11, 9, 2] }),
      conv2d({ filters: 8, kernelSize: [3, 5], strides: [2, 3], padding: 'same', activation: 'relu' }),
      conv2d({ filters: 6, kernelSize: 2, strides: 2, padding: 'valid', activation: 'relu' }),
      flatten(),
      dense({ units: 3 }),
    ],
  },
  {
    name: 'a stride larger than the kernel',
    count: 2,
    layers: [
      conv2d({ filters: 5, kernelSize: 3, activation: 'relu', inputShape: [9, 10, 3] }),
      conv2d({ filters: 4, kernelSize: 1, strides: [2, 3] }),
      flatten(),
      dense({ units: 3, activation: 'softmax' }),
    ],
  },
  {
    name: 'overlapping pooling',
    count: 3,
    layers: [
      conv2d({ filters: 6, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [9, 11, 3] }),
      maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
      conv2d({ filters: 10, kernelSize: 3, activation: 'relu' }),
      maxPooling2d({ poolSize: [2, 3], strides: 1 }),
      flatten(),
      dense({ units: 5, activation: 'relu' }),
      dense({ units: 4, activation: 'softmax' }),
    ],
  },
  {
    name: 'two poolings in a row, after and without ReLU',
    count: 3,
    layers: [
      conv2d({ filters: 5, kernelSize: 3, activation: 'relu', inputShape: [14, 14, 1] }),
      maxPooling2d(),
      maxPooling2d({ padding: 'same' }),
      conv2d({ filters: 5, kernelSize: 3, padding: 'same' }),
      maxPooling2d({ poolSize: 2, strides: 1 }),
      flatten(),
      dense({ units: 3, activation: 'softmax' }),
    ],
  },
  {
    name: 'convolutions without pooling or ReLU',
    count: 3,
    layers: [
      conv2d({ filters: 5, kernelSize: 3, padding: 'same', inputShape: [6, 5, 3] }),
      conv2d({ filters: 4, kernelSize: [3, 5], padding: 'same' }),
      flatten(),
      dense({ units: 4, activation: 'softmax' }),
    ],
  },
  {
    name: 'a convolution inside that goes straight to a dense layer, with ReLU',
    count: 5,
    layers: [
      conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [5, 6, 3] }),
      conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu' }),
      flatten(),
      dense({ units: 9, activation: 'relu' }),
      dense({ units: 4, activation: 'softmax' }),
    ],
  },
  {
    name: 'convolutions of 8 and 16 channels',
    count: 2,
    winograd: true,
    layers: [
      conv2d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [5, 6, 8] }),
      conv2d({ filters: 8, kernelSize: 3 }),
      maxPooling2d(),
      flatten(),
      dense({ units: 3, activation: 'softmax' }),
    ],
  },
  {
    name: 'one convolution, flattened',
    count: 17,
    layers: [
      conv2d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [4, 5, 2] }),
      flatten(),
      dense({ units: 3, activation: 'softmax' }),
    ],
  },
  {
    name: 'pooling first',
    count: 3,
    layers: [
      maxPooling2d({ poolSize: 3, strides: 2, padding: 'same', inputShape: [9, 8, 3] }),
      flatten(),
      dense({ units: 4, activation: 'softmax' }),
    ],
  },
  {
    name: 'pooling first, then a convolution',
    count: 3,
    layers: [
      maxPooling2d({ inputShape: [9, 8, 3] }),
      conv2d({ filters: 4, kernelSize: 2, activation: 'relu' }),
      flatten(),
      dense({ units: 4, activation: 'softmax' }),
    ],
  },
  {
    name: 'dense layers only',
    count: 17,
    layers: [
      flatten({ inputShape: [5, 5, 3] }),
      dense({ units: 13, activation: 'relu' }),
      dense({ units: 8 }),
      dense({ units: 16, activation: 'relu' }),
      dense({ units: 10, activation: 'softmax' }),
    ],
  },
  {
    name: 'pooling as the last computation',
    count: 4,
    layers: [
      conv2d({ filters: 8, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 3] }),
      conv2d({ filters: 5, kernelSize: 3, activation: 'linear' }),
      maxPooling2d({ poolSize: 4 }),
      flatten(),
    ],
  },
  {
    name: 'a convolution as the last computation, with ReLU',
    count: 3,
    layers: [
      conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [6, 7, 3] }),
      conv2d({ filters: 3, kernelSize: [4, 5], activation: 'relu' }),
      flatten(),
    ],
  },
  {
    name: 'a convolution and its pooling, first and inside, with ReLU',
    count: 3,
    pooled: true,
    layers: [
      conv2d({ filters: 12, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [11, 13, 3] }),
      maxPooling2d(),
      conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }),
      conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu' }),
      maxPooling2d(),
      flatten(),
      dense({ units: 4, activation: 'softmax' }),
    ],
  },
  {
    name: 'linear convolutions and their poolings, of 8 channels and more',
    count: 2,
    winograd: true,
    pooled: true,
    layers: [
      conv2d({ filters: 16, kernelSize: 3, padding: 'same', inputShape: [8, 6, 8] }),
      maxPooling2d({ padding: 'same' }),
      conv2d({ filters: 8, kernelSize: 3, padding: 'same' }),
      maxPooling2d(),
      flatten(),
      dense({ units: 3, activation: 'softmax' }),
    ],
  },
  {
    name: 'two poolings behind a convolution',
    count: 3,
    pooled: true,
    layers: [
      conv2d({ filters: 8, kernelSize: 3, activation: 'relu', inputShape: [12, 11, 2] }),
      maxPooling2d(),
      maxPooling2d(),
      conv2d({ filters: 5, kernelSize: 2, activation: 'relu' }),
      flatten(),
      dense({ units: 3 }),
    ],
  },
  {
    name: 'a convolution and its pooling behind a pooling, and last',
    count: 5,
    winograd: true,
    pooled: true,
    layers: [
      maxPooling2d({ inputShape: [12, 10, 8] }),
      conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu' }),
      maxPooling2d(),
      conv2d({ filters: 4, kernelSize: 3, padding: 'same' }),
      maxPooling2d(),
      flatten(),
    ],
  },
  {
    name: 'convolutions with padding on some sides, and poolings, also as one',
    count: 3,
    winograd: true,
    pooled: true,
    layers: [
      conv2d({
        filters: 8,
        kernelSize: 3,
        padding: [
          [2, 0],
          [1, 1],
        ],
        activation: 'relu',
        inputShape: [9, 8, 3],
      }),
      maxPooling2d({
        poolSize: 3,
        strides: 2,
        padding: [
          [1, 0],
          [2, 1],
        ],
      }),
      conv2d({
        filters: 8,
        kernelSize: 3,
        padding: [
          [0, 2],
          [2, 1],
        ],
        activation: 'relu',
      }),
      maxPooling2d(),
      flatten(),
      dense({ units: 3, activation: 'softmax' }),
    ],
  },
  {
    name: 'poolings of windows that would tile the input without their padding',
    count: 3,
    layers: [
      maxPooling2d({ poolSize: 1, inputShape: [6, 6, 2] }),
      conv2d({ filters: 5, kernelSize: 3, padding: 1, activation: 'relu' }),
      maxPooling2d({
        poolSize: 3,
        padding: [
          [1, 0],
          [2, 0],
        ],
      }),
      flatten(),
      dense({ units: 3, activation: 'softmax' }),
    ],
  },
  {
    name: 'ReLU at the very end',
    count: 3,
    layers: [flatten({ inputShape: [3, 3, 1] }), dense({ units: 6, activation: 'relu' })],
  },
  {
    name: 'a way around two convolutions, added',
    count: 2,
    winograd: true,
    layers: [
      conv2d({ name: 'stem', filters: 8, kernelSize: 3, padding: 'same', inputShape: [4, 5, 3] }),
      reLU({ name: 'r' }),
      conv2d({ name: 'a', filters: 8, kernelSize: 3, padding: 'same', activation: 'relu' }),
      conv2d({ name: 'b', filters: 8, kernelSize: 3, padding: 'same' }),
      taking(add({ name: 'sum' }), 'b', 'r'),
      reLU(),
      flatten(),
      dense({ units: 3, activation: 'softmax' }),
    ],
  },
  {
    name: 'a value that is added to itself, and taken by others before and behind',
    count: 3,
    layers: [
      conv2d({ name: 'stem', filters: 5, kernelSize: 3, padding: 'same', inputShape: [4, 5, 2] }),
      taking(add({ name: 'twice' }), 'stem', 'stem'),
      taking(conv2d({ name: 'c', filters: 5, kernelSize: 3, padding: 'same', activation: 'relu' }), 'stem'),
      taking(subtract({ name: 'difference' }), 'c', 'twice'),
      taking(add({ name: 'three' }), 'stem', 'difference', 'c'),
      reLU(),
      flatten(),
      dense({ units: 4, activation: 'softmax' }),
    ],
  },
  {
    name: 'four branches side by side',
    count: 2,
    layers: [
      conv2d({
        name: 's',
        filters: 8,
        kernelSize: 3,
        padding: 'same',
        activation: 'relu',
        inputShape: [5, 4, 3],
      }),
      taking(conv2d({ name: 'a', filters: 3, kernelSize: 5, padding: 'same', activation: 'relu' }), 's'),
      taking(conv2d({ name: 'b', filters: 8, kernelSize: 3, padding: 'same' }), 's'),
      taking(maxPooling2d({ name: 'p', poolSize: 3, strides: 1, padding: 'same' }), 's'),
      taking(concatenate({ name: 'all' }), 'a', 'b', 'p', 's'),
      conv2d({ filters: 6, kernelSize: 3, padding: 'same', activation: 'relu' }),
      flatten(),
      dense({ units: 3 }),
    ],
  },
  {
    name: 'ways around dense layers, and around all but the last',
    count: 9,
    layers: [
      flatten({ name: 'f', inputShape: [3, 3, 2] }),
      dense({ name: 'first', units: 11, activation: 'relu' }),
      dense({ name: 'a', units: 11, activation: 'relu' }),
      taking(add({ name: 'sum' }), 'first', 'a'),
      dense({ name: 'b', units: 11 }),
      taking(add({ name: 'total' }), 'b', 'sum', 'first'),
      reLU(),
      dense({ units: 4, activation: 'softmax' }),
    ],
  },
  {
    name: 'a value in front of its ReLU and behind it, added',
    count: 2,
    layers: [
      conv2d({ name: 'c', filters: 4, kernelSize: 3, padding: 'same', inputShape: [4, 5, 2] }),
      reLU({ name: 'r' }),
      taking(add({ name: 'sum' }), 'r', 'c'),
      flatten(),
      dense({ units: 3, activation: 'softmax' }),
    ],
  },
  {
    name: 'a value that goes through two sums at once',
    count: 2,
    layers: [
      conv2d({ name: 'stem', filters: 4, kernelSize: 3, padding: 'same', inputShape: [4, 5, 2] }),
      conv2d({ name: 'y', filters: 4, kernelSize: 3, padding: 'same' }),
      taking(conv2d({ name: 'x', filters: 4, kernelSize: 3, padding: 'same' }), 'stem'),
      taking(add({ name: 'inner' }), 'x', 'stem'),
      taking(add({ name: 'outer' }), 'y', 'inner', 'stem'),
      flatten(),
      dense({ units: 3, activation: 'softmax' }),
    ],
  },
];
