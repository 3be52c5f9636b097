/** Layers whose settings Keras 2 and tfjs call otherwise than Keras 3. */
import { isObject, type Options } from '../../nn/named.ts';

/** A layer in Keras' JSON. */
export interface KerasLayerJson {
  readonly className: string;
  readonly config: Options;
}

type Change = (layer: KerasLayerJson) => KerasLayerJson;

const CHANGES: ReadonlyMap<string, Change> = new Map<string, Change>([
  [
    'LeakyReLU',
    ({ className, config }) => ({ className, config: renamed(config, 'alpha', 'negative_slope') }),
  ],
  ['ThresholdedReLU', ({ config }) => ({ className: 'ReLU', config: renamed(config, 'theta', 'threshold') })],
  ['ELU', elu],
  ['Dropout', dropout],
  ['DepthwiseConv2D', ({ className, config }) => ({ className, config: without(config, UNUSED) })],
  ['SeparableConv2D', ({ className, config }) => ({ className, config: without(config, UNUSED) })],
]);

/** What these layers have from the class that they are derived from, and never use. */
const UNUSED: readonly string[] = [
  'groups',
  'kernel_initializer',
  'kernel_regularizer',
  'kernel_constraint',
  // In its place tfjs writes the regularizer once more.
  'depthwise_constraint',
];

/** The layer as Keras 3 writes it. */
export function asInKeras3(layer: KerasLayerJson): KerasLayerJson {
  const { className, config } = CHANGES.get(layer.className)?.(layer) ?? layer;
  const entries = Object.entries(config).map(([key, value]): [string, unknown] => [
    key,
    key.endsWith('_initializer') ? initializer(value) : value,
  ]);
  return { className, config: Object.fromEntries(entries) };
}

/** With a slope of 1 it is an activation, and there is no other one here. */
function elu({ className, config }: KerasLayerJson): KerasLayerJson {
  if (config.alpha !== 1 && config.alpha !== undefined && config.alpha !== null) return { className, config };
  return { className: 'Activation', config: { ...without(config, ['alpha']), activation: 'elu' } };
}

/** Noise of one value for each channel of an image is a layer of its own. */
function dropout({ className, config }: KerasLayerJson): KerasLayerJson {
  const { noise_shape: shape } = config;
  const isSpatial =
    Array.isArray(shape) && shape.length === 4 && shape[0] === null && shape[1] === 1 && shape[2] === 1;
  if (!isSpatial) return { className, config };
  return { className: 'SpatialDropout2D', config: without(config, ['noise_shape']) };
}

/** Without the type of its values, which is float32 here. */
function initializer(value: unknown): unknown {
  if (!isObject(value) || !isObject(value.config)) return value;
  return { ...value, config: without(value.config, ['dtype']) };
}

function renamed(config: Options, from: string, to: string): Options {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key === from ? to : key, value]));
}

function without(config: Options, keys: readonly string[]): Options {
  return Object.fromEntries(Object.entries(config).filter(([key]) => !keys.includes(key)));
}
