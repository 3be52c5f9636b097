/** Layers of Keras that are another layer here, options that older versions of Keras wrote otherwise, and what to take instead of the rest. */
import { nearest } from '../suggest.ts';
import { kerasNameOf } from './layers/definition.ts';
import { layerTypes } from './layers/registry.ts';
import type { Options } from './named.ts';

/** A layer's class and its settings. */
export interface KerasForm {
  readonly className: string;
  readonly config: Options;
}

type Rewrite = (config: Options) => KerasForm;

/** The layer as the newest Keras would write it, with the classes that there are here. */
export function currentForm({ className, config }: KerasForm): KerasForm {
  return REWRITES.get(className)?.(config) ?? { className, config };
}

const REWRITES: ReadonlyMap<string, Rewrite> = new Map<string, Rewrite>([
  ['LeakyReLU', (config) => ({ className: 'LeakyReLU', config: renamed(config, 'alpha', 'negative_slope') })],
  [
    'ELU',
    ({ alpha = 1, ...config }) =>
      alpha === 1
        ? { className: 'Activation', config: { ...config, activation: 'elu' } }
        : { className: 'ELU', config },
  ],
  ['Identity', (config) => ({ className: 'Activation', config: { ...config, activation: 'linear' } })],
  ['Dropout', dropout],
  ['DepthwiseConv2D', (config) => ({ className: 'DepthwiseConv2D', config: without(config, UNUSED) })],
  ['SeparableConv2D', (config) => ({ className: 'SeparableConv2D', config: without(config, UNUSED) })],
  ['Normalization', (config) => ({ className: 'Normalization', config: flat(config, 'mean', 'variance') })],
  ['Rescaling', (config) => ({ className: 'Rescaling', config: flat(config, 'scale', 'offset') })],
]);

/** Keras 2 wrote them, and did nothing with them. */
const UNUSED = { groups: 1, kernel_initializer: undefined, kernel_regularizer: undefined };

/** @param unused  by name, the value that must be there to be left out, or undefined for any */
function without(config: Options, unused: Options): Options {
  const entries = Object.entries(config);
  return Object.fromEntries(
    entries.filter(
      ([key, value]) => !(Object.hasOwn(unused, key) && [undefined, value].includes(unused[key])),
    ),
  );
}

function renamed({ ...config }: Options, from: string, to: string): Options {
  const { [from]: value, ...others } = config;
  return value === undefined ? config : { ...others, [to]: value };
}

/** Lists of numbers for each channel may stand in as many lists as images have axes. */
function flat(config: Options, ...keys: readonly string[]): Options {
  const lists = keys.filter((key) => Array.isArray(config[key]));
  return { ...config, ...Object.fromEntries(lists.map((key) => [key, (config[key] as unknown[]).flat(3)])) };
}

/**
 * With a noise shape of [null, 1, 1, channels] it drops whole channels; with [null, 1, 1, 1], as in EfficientNet, all of an image. There is
 * none like that here: whole channels are the nearest thing. Outside training they are all the same.
 */
function dropout({ noise_shape: shape, ...config }: Options): KerasForm {
  const isWhole = Array.isArray(shape) && shape.length === 4 && shape[1] === 1 && shape[2] === 1;
  if (isWhole) return { className: 'SpatialDropout2D', config };
  return { className: 'Dropout', config: shape === undefined ? config : { ...config, noise_shape: shape } };
}

/** What does nearly the same as layers that there are not. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['PReLU', 'LeakyReLU, whose slope is not trained'],
  ['ELU', 'Activation "elu", whose alpha is 1'],
  ['ThresholdedReLU', 'ReLU with a threshold'],
  ['Conv2DTranspose', 'UpSampling2D with Conv2D behind it'],
  ['LayerNormalization', 'BatchNormalization'],
  ['GroupNormalization', 'BatchNormalization'],
  ['UnitNormalization', 'BatchNormalization'],
  ['Average', 'Add with Rescaling behind it'],
  ['Maximum', 'Add'],
  ['Minimum', 'Add'],
  ['Dot', 'Multiply'],
  ['Resizing', 'UpSampling2D, or images of the right size'],
  ['CenterCrop', 'Cropping2D'],
  ['RandomCrop', 'RandomTranslation'],
  ['GaussianNoise', 'Dropout'],
  ['GaussianDropout', 'Dropout'],
  ['AlphaDropout', 'Dropout'],
  ['ActivityRegularization', "a regularizer of a layer's weights"],
  ['Lambda', 'layers such as Rescaling, Add or Activation'],
  ['TimeDistributed', 'the layer itself, if it is of images'],
  ['LocallyConnected2D', 'Conv2D'],
]);

/** What to do about a layer that there is not; with a space in front, or nothing if there is nothing to say. */
export function insteadOf(className: string): string {
  const known = INSTEAD.get(className);
  if (known !== undefined) return ` The nearest thing is ${known}.`;
  const meant = nearest(className, layerTypes().map(kerasNameOf));
  return meant === undefined ? '' : ` The nearest thing is ${meant}.`;
}
