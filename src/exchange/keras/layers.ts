/**
 * What Keras calls the options and the weights of each type of layer, where it is not what they are called here. Options are named
 * as in Keras, but in camel case, so there is little to say; but each type must say it.
 */
import type { LayerSpec } from '../../nn/spec.ts';

/** A type of layer as Keras has it. */
export interface KerasLayer<S extends LayerSpec = LayerSpec> {
  /** The oldest of Keras' versions that has it; null if none does. */
  readonly since: 2 | 3 | null;
  /** Its weights in the order in which Keras writes them; those that it does without are left out. */
  readonly weights: readonly string[];
  /** Whether Keras asks in which order the axes of images are. */
  readonly dataFormat?: boolean;
  /** Options that Keras does not have. They must not change what the network gives outside training. */
  readonly without?: readonly (keyof S & string)[];
  /** Whether it is none that Keras has after all, for its options. Such a layer must do nothing outside training. */
  readonly isMissing?: (spec: S) => boolean;
  /** Options by other names in Keras 2. */
  readonly keras2?: Readonly<Partial<Record<keyof S & string, string>>>;
}

type LayerTypes = { readonly [T in LayerSpec['type']]: KerasLayer<Extract<LayerSpec, { type: T }>> };

const PLAIN = { since: 2, weights: [] } as const;
const OF_IMAGES = { ...PLAIN, dataFormat: true } as const;
const AUGMENTING = { since: 3, weights: [] } as const;
const MOVING = {
  ...AUGMENTING,
  // What Keras calls reflect has the border twice.
  isMissing: ({ fillMode }: { readonly fillMode: string }) => fillMode === 'mirror',
} as const;
const UNKNOWN_TO_KERAS = { since: null, weights: [] } as const;

export const KERAS_LAYERS: LayerTypes = {
  conv2d: { ...OF_IMAGES, weights: ['kernel', 'bias'] },
  depthwiseConv2d: { ...OF_IMAGES, weights: ['kernel', 'bias'] },
  separableConv2d: { ...OF_IMAGES, weights: ['depthwise_kernel', 'pointwise_kernel', 'bias'] },
  dense: { ...PLAIN, weights: ['kernel', 'bias'] },
  batchNormalization: {
    ...PLAIN,
    weights: ['gamma', 'beta', 'moving_mean', 'moving_variance'],
    // Regularizers of states never do anything.
    without: ['movingMeanRegularizer', 'movingVarianceRegularizer'],
  },
  maxPooling2d: OF_IMAGES,
  averagePooling2d: OF_IMAGES,
  globalAveragePooling2d: OF_IMAGES,
  globalMaxPooling2d: OF_IMAGES,
  flatten: OF_IMAGES,
  zeroPadding2d: OF_IMAGES,
  cropping2d: OF_IMAGES,
  upSampling2d: OF_IMAGES,
  spatialDropout2d: OF_IMAGES,
  reshape: PLAIN,
  add: PLAIN,
  subtract: PLAIN,
  multiply: PLAIN,
  concatenate: PLAIN,
  activation: PLAIN,
  reLU: PLAIN,
  leakyReLU: { ...PLAIN, keras2: { negativeSlope: 'alpha' } },
  softmax: PLAIN,
  dropout: PLAIN,
  rescaling: PLAIN,
  normalization: PLAIN,
  randomFlip: { ...AUGMENTING, without: ['alternate'] },
  randomTranslation: { ...MOVING, without: ['wholePixels'] },
  randomRotation: MOVING,
  randomZoom: MOVING,
  randomBrightness: AUGMENTING,
  randomContrast: AUGMENTING,
  randomSaturation: AUGMENTING,
  cutout: UNKNOWN_TO_KERAS,
  mixUp: UNKNOWN_TO_KERAS,
};

/** The same for a layer whose type is not known beforehand. */
export function kerasLayer(type: LayerSpec['type']): KerasLayer {
  return KERAS_LAYERS[type] as unknown as KerasLayer;
}
