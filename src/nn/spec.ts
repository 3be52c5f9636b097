/** The network as data: a list of layers that can be written to JSON and read back. */
import { OptionError } from '../errors.ts';
import { quoted } from '../quoted.ts';
import { nearest } from '../suggest.ts';
import type { ActivationData, LeakyReLUData, ReLUData } from './layers/activation.ts';
import type { AveragePooling2dData } from './layers/averagePooling2d.ts';
import type { BatchNormalizationData } from './layers/batchNormalization.ts';
import type { ConcatenateData } from './layers/concatenate.ts';
import { conv2d, type Conv2dData } from './layers/conv2d.ts';
import type { Cropping2dData } from './layers/cropping2d.ts';
import type { CutoutData } from './layers/cutout.ts';
import { defined } from './layers/definition.ts';
import { dense, type DenseData } from './layers/dense.ts';
import type { DepthwiseConv2dData } from './layers/depthwiseConv2d.ts';
import type { DropoutData, SpatialDropout2dData } from './layers/dropout.ts';
import { flatten, type FlattenData } from './layers/flatten.ts';
import type { GlobalAveragePooling2dData } from './layers/globalAveragePooling2d.ts';
import type { GlobalMaxPooling2dData } from './layers/globalMaxPooling2d.ts';
import { maxPooling2d, type MaxPooling2dData } from './layers/maxPooling2d.ts';
import type { AddData, MultiplyData, SubtractData } from './layers/merge.ts';
import type { MixUpData } from './layers/mixUp.ts';
import type { NormalizationData } from './layers/normalization.ts';
import type { CommonSpec } from './layers/options.ts';
import type {
  RandomBrightnessData,
  RandomContrastData,
  RandomSaturationData,
} from './layers/randomColour.ts';
import type { RandomFlipData } from './layers/randomFlip.ts';
import type { RandomRotationData } from './layers/randomRotation.ts';
import type { RandomTranslationData } from './layers/randomTranslation.ts';
import type { RandomZoomData } from './layers/randomZoom.ts';
import { layerTypes, layerDefinition } from './layers/registry.ts';
import type { RescalingData } from './layers/rescaling.ts';
import type { ReshapeData } from './layers/reshape.ts';
import type { SeparableConv2dData } from './layers/separableConv2d.ts';
import type { SoftmaxData } from './layers/softmax.ts';
import type { UpSampling2dData } from './layers/upSampling2d.ts';
import type { ZeroPadding2dData } from './layers/zeroPadding2d.ts';

export { conv2d, dense, flatten, maxPooling2d };

/** A layer as data, its options complete. */
export type LayerSpec =
  | Conv2dData
  | MaxPooling2dData
  | FlattenData
  | DenseData
  | BatchNormalizationData
  | AddData
  | SubtractData
  | ConcatenateData
  | ActivationData
  | ReLUData
  | LeakyReLUData
  | GlobalAveragePooling2dData
  | AveragePooling2dData
  | Cropping2dData
  | DepthwiseConv2dData
  | DropoutData
  | SpatialDropout2dData
  | GlobalMaxPooling2dData
  | MultiplyData
  | NormalizationData
  | RescalingData
  | ReshapeData
  | SeparableConv2dData
  | SoftmaxData
  | UpSampling2dData
  | ZeroPadding2dData
  | RandomFlipData
  | RandomTranslationData
  | RandomRotationData
  | RandomZoomData
  | RandomBrightnessData
  | RandomContrastData
  | RandomSaturationData
  | CutoutData
  | MixUpData;

/** A layer with other values of what every layer may have; undefined stands for what is usual. */
export function withSettings(
  spec: LayerSpec,
  settings: { readonly [K in keyof CommonSpec]: CommonSpec[K] | undefined },
): LayerSpec {
  return Object.assign<object, LayerSpec, object>({}, spec, settings);
}

/**
 * A spec from untrusted JSON, checked as the factory functions check their options.
 * @throws OptionError if it is not one
 */
export function parseLayerSpec(value: unknown): LayerSpec {
  if (typeof value !== 'object' || value === null || !('type' in value)) {
    throw new OptionError(`A layer is an object with a type: ${list('or')}.`);
  }
  const found = layerDefinition(value.type);
  if (found) return defined(found.parse(value), found) as LayerSpec;
  const meant = typeof value.type === 'string' ? nearest(value.type, layerTypes()) : undefined;
  throw new OptionError(
    `There is no layer of type ${quoted(value.type)}${meant ? `; did you mean "${meant}"?` : `; there are ${list('and')}.`}`,
  );
}

function list(word: string): string {
  const types = layerTypes();
  return `${types.slice(0, -1).join(', ')} ${word} ${types.at(-1)!}`;
}
