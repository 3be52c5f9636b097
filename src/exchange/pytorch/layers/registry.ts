/** What every type of layer is in PyTorch. A new one does not compile until it stands here. */
import { OptionError } from '../../../errors.ts';
import type { LayerSpec } from '../../../nn/spec.ts';
import { activation, leakyReLU, reLU, softmax } from './activation.ts';
import { conv2d, depthwiseConv2d, separableConv2d } from './convolution.ts';
import { dense } from './dense.ts';
import { add, concatenate, multiply, subtract } from './merge.ts';
import { batchNormalization, normalization, rescaling } from './normalization.ts';
import { averagePooling2d, globalAveragePooling2d, globalMaxPooling2d, maxPooling2d } from './pooling.ts';
import { cropping2d, flatten, reshape, upSampling2d, zeroPadding2d } from './shape.ts';
import type { TorchLayer } from './torchLayer.ts';
import { augmentation, dropout, spatialDropout2d } from './training.ts';

const LAYERS: { readonly [T in LayerSpec['type']]: TorchLayer<Extract<LayerSpec, { readonly type: T }>> } = {
  conv2d,
  maxPooling2d,
  flatten,
  dense,
  batchNormalization,
  add,
  subtract,
  concatenate,
  activation,
  reLU,
  leakyReLU,
  globalAveragePooling2d,
  averagePooling2d,
  cropping2d,
  depthwiseConv2d,
  dropout,
  spatialDropout2d,
  globalMaxPooling2d,
  multiply,
  normalization,
  rescaling,
  reshape,
  separableConv2d,
  softmax,
  upSampling2d,
  zeroPadding2d,
  randomFlip: augmentation,
  randomTranslation: augmentation,
  randomRotation: augmentation,
  randomZoom: augmentation,
  randomBrightness: augmentation,
  randomContrast: augmentation,
  randomSaturation: augmentation,
  cutout: augmentation,
  mixUp: augmentation,
};

const BY_TYPE: ReadonlyMap<string, TorchLayer> = new Map(
  Object.entries(LAYERS as Record<string, TorchLayer>),
);

/** What a type of layer is in PyTorch. @throws OptionError if that is not known */
export function torchLayer(type: string): TorchLayer {
  const found = BY_TYPE.get(type);
  if (found) return found;
  throw new OptionError(
    `A layer of type "${type}" is not known in PyTorch; there are ${[...BY_TYPE.keys()].join(', ')}.`,
  );
}
