/**
 * MobileNetV2 (Sandler et al. 2018) at width 1, with the layers and names of `keras.applications.MobileNetV2`, so that its
 * weights fit. Keras pads images with zeros of their own in front of depthwise convolutions with stride 2, by just as many
 * as `same` adds for their 3×3 kernels: here they are `same`, which needs no copy.
 */
import { reLU } from '../nn/layers/activation.ts';
import { batchNormalization } from '../nn/layers/batchNormalization.ts';
import { conv2d } from '../nn/layers/conv2d.ts';
import { dense } from '../nn/layers/dense.ts';
import { depthwiseConv2d } from '../nn/layers/depthwiseConv2d.ts';
import { globalAveragePooling2d } from '../nn/layers/globalAveragePooling2d.ts';
import { add } from '../nn/layers/merge.ts';
import { input, type Applicable, type SymbolicTensor } from '../nn/symbolic.ts';
import type { Spec } from '../nn/layers/definition.ts';
import { droppingFrom, layersOf, through, type NetworkPreset } from './preset.ts';

/** Filters, blocks, and the stride of the first of them. */
const STAGES = [
  [16, 1, 1],
  [24, 2, 2],
  [32, 3, 2],
  [64, 4, 2],
  [96, 3, 1],
  [160, 3, 2],
  [320, 1, 1],
] as const;

/** How many times the channels there are in the midst of a block, but for the first one. */
const EXPANSION = 6;

/** Images below this side would shrink to nothing: the first two strides are left out, as is usual for CIFAR-10. */
const SMALL = 64;

export const mobilenetv2: NetworkPreset = {
  name: 'mobilenetv2',
  description:
    'MobileNetV2: inverted residual blocks around depthwise convolutions, 3.5 million parameters for 1000 classes',
  inputShape: [224, 224, 3],
  classes: 1000,
  build: ({ inputShape, classes, dropout }) => {
    const small = Math.min(inputShape[0]!, inputShape[1]!) < SMALL;
    const images = input({ shape: inputShape });
    let tensor = through(
      images,
      convolution('Conv1', 32, 3, small ? 1 : 2),
      normalization('bn_Conv1'),
      reLU6('Conv1_relu'),
    );
    let channels = 32;
    let number = 0;
    for (const [stage, [filters, blocks, stride]] of STAGES.entries()) {
      for (let i = 0; i < blocks; i++) {
        const strides = i > 0 || (small && stage === 1) ? 1 : stride;
        tensor = block(tensor, { number: number++, channels, filters, strides });
        channels = filters;
      }
    }
    tensor = through(
      tensor,
      convolution('Conv_1', 1280, 1),
      normalization('Conv_1_bn'),
      reLU6('out_relu'),
      globalAveragePooling2d({ name: 'global_average_pooling2d' }),
    );
    return layersOf(
      images,
      dense({ name: 'predictions', units: classes, activation: 'softmax' }).apply(
        droppingFrom(tensor, dropout),
      ),
    );
  },
};

interface Block {
  readonly number: number;
  /** Of its input, and of its output. */
  readonly channels: number;
  readonly filters: number;
  readonly strides: number;
}

function block(from: SymbolicTensor, { number, channels, filters, strides }: Block): SymbolicTensor {
  const name = number === 0 ? 'expanded_conv' : `block_${number}`;
  const expanded =
    number === 0
      ? from
      : through(
          from,
          convolution(`${name}_expand`, EXPANSION * channels, 1),
          normalization(`${name}_expand_BN`),
          reLU6(`${name}_expand_relu`),
        );
  const projected = through(
    expanded,
    depthwiseConv2d({ name: `${name}_depthwise`, kernelSize: 3, strides, padding: 'same', useBias: false }),
    normalization(`${name}_depthwise_BN`),
    reLU6(`${name}_depthwise_relu`),
    convolution(`${name}_project`, filters, 1),
    normalization(`${name}_project_BN`),
  );
  return strides === 1 && channels === filters
    ? add({ name: `${name}_add` }).apply([from, projected])
    : projected;
}

type Applied = Spec & Applicable;

function convolution(name: string, filters: number, kernelSize: number, strides = 1): Applied {
  return conv2d({ name, filters, kernelSize, strides, padding: 'same', useBias: false });
}

function normalization(name: string): Applied {
  return batchNormalization({ name, momentum: 0.999, epsilon: 1e-3 });
}

function reLU6(name: string): Applied {
  return reLU({ name, maxValue: 6 });
}
