/** A network from Keras' own JSON of a model: what `model.to_json()` gives, or the `config.json` in a `.keras` file. */
import { FormatError, OptionError } from '../errors.ts';
import { MAX_LAYERS } from '../limits.ts';
import { quoted } from '../quoted.ts';
import { initializerOfKeras } from './initializers/registry.ts';
import { defined, type LayerDefinition, type Spec } from './layers/definition.ts';
import { kerasDefinition } from './layers/registry.ts';
import { regularizerOfKeras } from './regularizers.ts';
import type { Shape } from './shape.ts';
import { IMAGES } from './symbolic.ts';

interface KerasLayer {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly inbound_nodes?: unknown;
}

/** Settings of Keras that are about other things than what is computed. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'name',
  'trainable',
  'dtype',
  'autocast',
  'batch_shape',
  'batch_input_shape',
  'data_format',
  'quantization_config',
  'synchronized',
  'renorm',
  'renorm_momentum',
  'lora_rank',
  'lora_alpha',
]);

/** Settings that may only have the values here: others would change what is computed. */
const FIXED: Readonly<Record<string, readonly string[]>> = {
  data_format: ['"channels_last"', 'null'],
  renorm: ['false'],
};

/**
 * The layers of a Keras model, `Sequential` or `Functional`, with one input and one output.
 * @param json  the parsed JSON, which is not trusted
 * @throws FormatError naming what is not supported
 */
export function specsOfKerasConfig(json: unknown): Spec[] {
  const config = record(record(json, 'The model').config, 'config');
  if (!Array.isArray(config.layers) || config.layers.length > MAX_LAYERS) {
    throw new FormatError(`The Keras model must have a list of 1 to ${MAX_LAYERS} layers.`);
  }
  const layers = (config.layers as unknown[]).map(parseLayer);
  const images = new Set(layers.filter(isInput).map(nameOf));
  if (images.size > 1) {
    throw new FormatError(
      `The Keras model has ${images.size} inputs (${[...images].join(', ')}); there can be one.`,
    );
  }
  const input = layers.find(isInput);
  const others = layers.filter((layer) => !isInput(layer));
  const shape = shapeOf(input ?? others[0]);
  const specs = others.map((layer, i) => specOf(layer, images, i === 0 ? shape : undefined));
  const outputs = outputNames(config.output_layers);
  if (outputs.length > 1) {
    throw new FormatError(
      `The Keras model has ${outputs.length} outputs (${outputs.join(', ')}); there can be one.`,
    );
  }
  // The network's output is that of its last layer.
  const last = specs.findIndex(({ name }) => name === outputs[0]);
  if (last >= 0) specs.push(...specs.splice(last, 1));
  return specs;
}

function parseLayer(value: unknown): KerasLayer {
  const layer = record(value, 'A layer');
  if (typeof layer.class_name !== 'string')
    throw new FormatError('A layer of the Keras model has no class_name.');
  return {
    class_name: layer.class_name,
    config: record(layer.config, layer.class_name),
    inbound_nodes: layer.inbound_nodes,
  };
}

function specOf(
  { class_name: className, config, inbound_nodes: nodes }: KerasLayer,
  images: ReadonlySet<string>,
  shape: Shape | undefined,
): Spec {
  const definition = kerasDefinition(className);
  const name = nameOf({ config });
  const where = `The Keras layer "${name}" (${className})`;
  if (!definition) throw new FormatError(`${where} is not supported.`);
  for (const [key, allowed] of Object.entries(FIXED)) {
    if (key in config && !allowed.includes(quoted(config[key]))) {
      throw new FormatError(`${where}: ${key} ${quoted(config[key])} is not supported.`);
    }
  }
  const inputs = inboundNames(nodes, where);
  const options = {
    ...optionsOf(config, definition, where),
    name,
    ...(config.trainable === false && { trainable: false }),
    ...(shape && { inputShape: shape }),
    ...(inputs && { inputs: inputs.map((each) => (images.has(each) ? IMAGES : each)) }),
  };
  try {
    return defined(definition.parse(options), definition);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new FormatError(`${where}: ${error.message}`, { cause: error });
  }
}

/** The options of a layer from Keras' settings: in camel case, without those that are null, which is Keras' word for "as usual". */
function optionsOf(
  config: KerasLayer['config'],
  { hasAxis = false }: LayerDefinition,
  where: string,
): Record<string, unknown> {
  // Without a prototype, which a key could set.
  const options = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of Object.entries(config)) {
    if (LEFT_OUT.has(key) || value === null) continue;
    if (key === 'axis' && !hasAxis) {
      if ([value].flat().every(isLast)) continue;
      throw new FormatError(`${where}: axis ${quoted(value)} is not supported, only the last.`);
    }
    if (key.endsWith('_initializer')) options[camelCase(key)] = initializerOfKeras(value);
    else if (key.endsWith('_regularizer')) options[camelCase(key)] = regularizerOfKeras(value);
    else if (key === 'activation') options[key] = activationName(value);
    else options[camelCase(key)] = value;
  }
  return options;
}

/** `"relu"`, or what Keras writes of a function: `{ "class_name": "function", "config": "relu" }`. */
function activationName(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'config' in value ? value.config : value;
}

/** The last axis of batches of images, or of vectors. */
function isLast(axis: unknown): boolean {
  return axis === -1 || axis === 3;
}

/** The layers that a layer takes; undefined if the layer stands in a sequence. */
function inboundNames(nodes: unknown, where: string): string[] | undefined {
  if (!Array.isArray(nodes) || nodes.length === 0) return undefined;
  if (nodes.length > 1)
    throw new FormatError(`${where} is used ${nodes.length} times; layers cannot be shared.`);
  const names: string[] = [];
  // A list instead of recursion: files may be nested deeper than the stack.
  const open: unknown[] = [nodes[0]];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null) continue;
    if ('keras_history' in value && Array.isArray(value.keras_history)) {
      names.push(textOf(value.keras_history[0]));
    } else if (Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'number') {
      // As Keras 2 wrote it: ["conv2d", 0, 0, {}].
      names.push(value[0]);
    } else {
      // One by one: as arguments of a call, many would not fit on the stack.
      for (const each of (Object.values(value) as unknown[]).reverse()) open.push(each);
    }
  }
  return names;
}

/** `["dense", 0, 0]`, or a list of such. */
function outputNames(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  if (typeof value[0] === 'string') return [value[0]];
  return value.map((each: unknown) => textOf(Array.isArray(each) ? each[0] : each));
}

function isInput({ class_name: name }: KerasLayer): boolean {
  return name === 'InputLayer';
}

function nameOf({ config }: Pick<KerasLayer, 'config'>): string {
  return textOf(config.name);
}

/** A name; what is none stands there as JSON. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : quoted(value);
}

function shapeOf(layer: KerasLayer | undefined): Shape {
  const shape = layer?.config.batch_shape ?? layer?.config.batch_input_shape;
  if (!Array.isArray(shape) || shape.length !== 4 || !shape.slice(1).every(Number.isInteger)) {
    throw new FormatError(
      `The Keras model's input is ${quoted(shape)}; it must be [null, height, width, channels].`,
    );
  }
  return shape.slice(1) as number[];
}

function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new FormatError(`${what} of the Keras model is no object.`);
}

function camelCase(key: string): string {
  return key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
