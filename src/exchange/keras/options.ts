/** A layer's options as Keras writes them. */
import { OptionError } from '../../errors.ts';
import type { InitializerConfig } from '../../nn/initializers/initializer.ts';
import type { Layer } from '../../nn/layers/layer.ts';
import type { RegularizerConfig } from '../../nn/regularizers.ts';
import type { LayerSpec } from '../../nn/spec.ts';
import { kerasLayer } from './layers.ts';

/** Of which version of Keras JSON is: tfjs reads that of 2. */
export type KerasVersion = 2 | 3;

export type Json = Readonly<Record<string, unknown>>;

/** What every layer has, and stands elsewhere. */
const COMMON: ReadonlySet<string> = new Set(['type', 'name', 'inputShape', 'trainable', 'inputs']);

/**
 * A layer's own options, without its name.
 * @throws OptionError if Keras has no word for one of them
 */
export function kerasOptions(spec: LayerSpec, layer: Layer, version: KerasVersion): Json {
  const { without = [], keras2 = {}, dataFormat = false } = kerasLayer(spec.type);
  const options = Object.entries(spec).filter(
    ([key]) => !COMMON.has(key) && !(without as readonly string[]).includes(key),
  );
  const named = (key: string): string =>
    (version === 2 ? (keras2 as Readonly<Record<string, string>>)[key] : undefined) ?? snakeCase(key);
  return {
    ...Object.fromEntries(
      options.map(([key, value]) => [named(key), optionOf(layer, key, value as unknown, version)]),
    ),
    ...(dataFormat && { data_format: 'channels_last' }),
  };
}

function optionOf(layer: Layer, key: string, value: unknown, version: KerasVersion): unknown {
  if (key === 'activation') return activationOf(layer, value as string, version);
  if (key.endsWith('Regularizer')) return regularizerOf(value as RegularizerConfig, version);
  if (!key.endsWith('Initializer')) return value;
  // Keras makes matrices alone so, and would refuse to build the layer; what it has learnt takes their place anyway.
  const config = value as InitializerConfig;
  const ofMatrix = layer.weights.every(({ shape }) => shape.length <= 2);
  return initializerOf(config.name === 'identity' && !ofMatrix ? { name: 'zeros' } : config, version);
}

/** Names that Keras 2 has others for. */
const KERAS2_ACTIVATIONS: Readonly<Record<string, string>> = { silu: 'swish' };

/** @throws OptionError for one that Keras cannot name */
function activationOf({ name }: Layer, activation: string, version: KerasVersion): string {
  if (activation === 'gelu_approximate') {
    throw new OptionError(
      `Layer "${name}": Keras 2 has no activation gelu_approximate; its gelu is the exact one, which differs by up to 0.0005.`,
    );
  }
  return (version === 2 ? KERAS2_ACTIVATIONS[activation] : undefined) ?? activation;
}

function initializerOf({ name, ...options }: InitializerConfig, version: KerasVersion): Json {
  const config = Object.fromEntries(
    Object.entries(options).map(([key, value]) => [
      snakeCase(key),
      // Names of modes and distributions are options too: fanIn, truncatedNormal.
      typeof value === 'string' ? snakeCase(value) : value,
    ]),
  );
  return kerasObject('keras.initializers', capitalized(name), config, version);
}

function regularizerOf({ name, l1, l2 }: RegularizerConfig, version: KerasVersion): Json {
  // tfjs knows the one with both factors only.
  if (version === 2 || name === 'l1l2') {
    return kerasObject('keras.regularizers', 'L1L2', { l1, l2 }, version);
  }
  return kerasObject('keras.regularizers', capitalized(name), name === 'l1' ? { l1 } : { l2 }, version);
}

/** An object that Keras makes of its class and its settings. */
export function kerasObject(module: string, className: string, config: Json, version: KerasVersion): Json {
  return version === 2
    ? { class_name: className, config }
    : { module, class_name: className, config, registered_name: null };
}

export function snakeCase(name: string): string {
  return name.replace(/[A-Z]|(?<=[a-z])\d+$/g, (part) => `_${part.toLowerCase()}`);
}

function capitalized(name: string): string {
  return name.replace(/^./, (letter) => letter.toUpperCase());
}
