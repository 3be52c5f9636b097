/** A network that has every type of layer and every activation, as plain data. */
import { ACTIVATIONS } from '../../src/nn/activations/registry.ts';
import { activation, leakyReLU, reLU } from '../../src/nn/layers/activation.ts';
import { averagePooling2d } from '../../src/nn/layers/averagePooling2d.ts';
import { batchNormalization } from '../../src/nn/layers/batchNormalization.ts';
import { concatenate } from '../../src/nn/layers/concatenate.ts';
import { cropping2d } from '../../src/nn/layers/cropping2d.ts';
import { cutout } from '../../src/nn/layers/cutout.ts';
import { depthwiseConv2d } from '../../src/nn/layers/depthwiseConv2d.ts';
import { dropout, spatialDropout2d } from '../../src/nn/layers/dropout.ts';
import { globalAveragePooling2d } from '../../src/nn/layers/globalAveragePooling2d.ts';
import { globalMaxPooling2d } from '../../src/nn/layers/globalMaxPooling2d.ts';
import { add, multiply, subtract } from '../../src/nn/layers/merge.ts';
import { mixUp } from '../../src/nn/layers/mixUp.ts';
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
import { conv2d, dense, flatten, maxPooling2d, type LayerSpec } from '../../src/nn/spec.ts';
import { taking } from '../nn/networks.ts';

export const HEIGHT = 12;
export const WIDTH = 11;
export const CLASSES = 5;

const same = { kernelSize: 3, padding: 'same' } as const;

/** [height, width, 8] features, by all that works on images. */
function body(): LayerSpec[] {
  return [
    randomFlip({ alternate: true, inputShape: [HEIGHT, WIDTH, 3] }),
    randomTranslation({ heightFactor: 0.1, widthFactor: 0.2, wholePixels: true, fillMode: 'mirror' }),
    randomRotation({ factor: 0.1 }),
    randomZoom({ heightFactor: 0.2, fillMode: 'constant' }),
    randomBrightness({ factor: 0.2 }),
    randomContrast({ factor: 0.3 }),
    randomSaturation({ factor: [0.3, 0.7] }),
    cutout({ size: 3 }),
    mixUp({ alpha: 0.4 }),
    rescaling({ scale: 2, offset: -1 }),
    normalization({ mean: [0.1, 0, -0.1], variance: [0.5, 1, 2] }),
    conv2d({ ...same, filters: 8, activation: 'relu' }),
    spatialDropout2d({ rate: 0.2 }),
    depthwiseConv2d({ ...same, depthMultiplier: 2 }),
    batchNormalization(),
    reLU({ maxValue: 6, name: 'deep' }),
    separableConv2d({ ...same, filters: 8, activation: 'gelu' }),
    leakyReLU(),
    zeroPadding2d({ padding: 1 }),
    averagePooling2d({ poolSize: 2 }),
    upSampling2d(),
    cropping2d({
      cropping: [
        [1, 1],
        [0, 1],
      ],
    }),
    conv2d({ ...same, filters: 8, name: 'left' }),
    taking(conv2d({ filters: 8, kernelSize: 1, name: 'right' }), 'deep'),
    taking(multiply({ name: 'product' }), 'left', 'right'),
    taking(subtract({ name: 'difference' }), 'left', 'product'),
    maxPooling2d({ name: 'pooled' }),
  ];
}

/** Each activation for itself, behind a dense layer too, and all of them side by side. */
function activations(): LayerSpec[] {
  return [
    ...ACTIVATIONS.map((of) => taking(activation({ activation: of, name: `of_${of}` }), 'pooled')),
    taking(add({ name: 'sum' }), ...ACTIVATIONS.map((of) => `of_${of}`)),
    globalAveragePooling2d({ name: 'mean' }),
    taking(globalMaxPooling2d({ name: 'most' }), 'sum'),
    taking(reshape({ targetShape: [5, 6, 8], name: 'reshaped' }), 'pooled'),
    conv2d({ ...same, filters: 4, strides: 2, activation: 'tanh' }),
    flatten({ name: 'flat' }),
    taking(concatenate({ name: 'features' }), 'mean', 'most', 'flat'),
    dropout({ rate: 0.3, name: 'dropped' }),
    ...ACTIVATIONS.map((of) => taking(dense({ units: 6, activation: of, name: `dense_${of}` }), 'dropped')),
    taking(concatenate({ name: 'all' }), ...ACTIVATIONS.map((of) => `dense_${of}`)),
    dense({ units: CLASSES, name: 'logits' }),
    softmax(),
  ];
}

export function everyLayer(): LayerSpec[] {
  return [...body(), ...activations()];
}
