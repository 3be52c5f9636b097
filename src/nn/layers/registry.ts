/** The types of layers: one line each. Parsing, naming, summaries and the page ask here; none of them lists types. */
import { activationDefinition, leakyReLUDefinition, reLUDefinition } from './activation.ts';
import { averagePooling2dDefinition } from './averagePooling2d.ts';
import { batchNormalizationDefinition } from './batchNormalization.ts';
import { concatenateDefinition } from './concatenate.ts';
import { conv2dDefinition } from './conv2d.ts';
import { cropping2dDefinition } from './cropping2d.ts';
import { cutoutDefinition } from './cutout.ts';
import { kerasNameOf, type LayerDefinition } from './definition.ts';
import { denseDefinition } from './dense.ts';
import { depthwiseConv2dDefinition } from './depthwiseConv2d.ts';
import { dropoutDefinition, spatialDropout2dDefinition } from './dropout.ts';
import { flattenDefinition } from './flatten.ts';
import { globalAveragePooling2dDefinition } from './globalAveragePooling2d.ts';
import { globalMaxPooling2dDefinition } from './globalMaxPooling2d.ts';
import { maxPooling2dDefinition } from './maxPooling2d.ts';
import { addDefinition, multiplyDefinition, subtractDefinition } from './merge.ts';
import { mixUpDefinition } from './mixUp.ts';
import { normalizationDefinition } from './normalization.ts';
import {
  randomBrightnessDefinition,
  randomContrastDefinition,
  randomSaturationDefinition,
} from './randomColour.ts';
import { randomFlipDefinition } from './randomFlip.ts';
import { randomRotationDefinition } from './randomRotation.ts';
import { randomTranslationDefinition } from './randomTranslation.ts';
import { randomZoomDefinition } from './randomZoom.ts';
import { rescalingDefinition } from './rescaling.ts';
import { reshapeDefinition } from './reshape.ts';
import { separableConv2dDefinition } from './separableConv2d.ts';
import { softmaxDefinition } from './softmax.ts';
import { upSampling2dDefinition } from './upSampling2d.ts';
import { zeroPadding2dDefinition } from './zeroPadding2d.ts';

const DEFINITIONS: readonly LayerDefinition[] = [
  conv2dDefinition,
  maxPooling2dDefinition,
  flattenDefinition,
  denseDefinition,
  batchNormalizationDefinition,
  addDefinition,
  subtractDefinition,
  concatenateDefinition,
  activationDefinition,
  reLUDefinition,
  leakyReLUDefinition,
  globalAveragePooling2dDefinition,
  averagePooling2dDefinition,
  cropping2dDefinition,
  depthwiseConv2dDefinition,
  dropoutDefinition,
  spatialDropout2dDefinition,
  globalMaxPooling2dDefinition,
  multiplyDefinition,
  normalizationDefinition,
  rescalingDefinition,
  reshapeDefinition,
  separableConv2dDefinition,
  softmaxDefinition,
  upSampling2dDefinition,
  zeroPadding2dDefinition,
  randomFlipDefinition,
  randomTranslationDefinition,
  randomRotationDefinition,
  randomZoomDefinition,
  randomBrightnessDefinition,
  randomContrastDefinition,
  randomSaturationDefinition,
  cutoutDefinition,
  mixUpDefinition,
];

/** The types that there are. */
export function layerTypes(): readonly string[] {
  return DEFINITIONS.map(({ type }) => type);
}

/** The definition of a type, if there is such a one. */
export function layerDefinition(type: unknown): LayerDefinition | undefined {
  return DEFINITIONS.find((definition) => definition.type === type);
}

/** The definition of what Keras calls by a name, such as "Conv2D". */
export function kerasDefinition(className: string): LayerDefinition | undefined {
  return DEFINITIONS.find(({ type }) => kerasNameOf(type) === className);
}
