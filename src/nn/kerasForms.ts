/** Layers of Keras that are another layer here, options that older versions of Keras wrote otherwise, and what to take instead of the rest. */
import type { Options } from './named.ts';

/** What to make of code and of operations. */
export const OF_LAYERS = 'Make it of layers, such as Rescaling, Add or Activation.';

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
  ['Identity', nothing],
  ['GaussianNoise', nothing],
  ['ActivityRegularization', nothing],
  ['Dropout', dropout],
  ['GaussianDropout', plainDropout],
  ['AlphaDropout', plainDropout],
  ['DepthwiseConv2D', (config) => ({ className: 'DepthwiseConv2D', config: without(config, UNUSED) })],
  ['SeparableConv2D', (config) => ({ className: 'SeparableConv2D', config: without(config, UNUSED) })],
  ['Normalization', (config) => ({ className: 'Normalization', config: flat(config, 'mean', 'variance') })],
  ['Rescaling', (config) => ({ className: 'Rescaling', config: flat(config, 'scale', 'offset') })],
]);

/** A layer that hands on what it is given, at least outside training. */
function nothing(): KerasForm {
  return { className: 'Activation', config: { activation: 'linear' } };
}

/** Other noise of the same size; outside training it is none. */
function plainDropout({ rate, seed = null }: Options): KerasForm {
  return { className: 'Dropout', config: { rate, seed } };
}

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

/** What to do about layers that there are not. */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  ['ThresholdedReLU', 'ReLU with a threshold computes the same.'],
  ['CenterCrop', 'Cropping2D computes the same.'],
  ['Resizing', 'Bring the images to their size before.'],
  ['Lambda', OF_LAYERS],
]);

/** What to do about a layer, or an operation, that there is not: in a sentence. */
export function remedyFor({ className, config }: KerasForm): string {
  // Keras writes one of them of each layer, and none of operations.
  const isLayer = 'dtype' in config || 'trainable' in config;
  return (
    REMEDIES.get(className) ??
    (isLayer ? 'Build the model without it: no layer here computes the same.' : OF_LAYERS)
  );
}
