/** A network from Keras' own JSON of a model: what `model.to_json()` gives, or the `config.json` in a `.keras` file. */
import { FormatError, OptionError } from '../errors.ts';
import { isObject } from '../isObject.ts';
import { quoted } from '../quoted.ts';
import { ACTIVATIONS, activationNamed } from './activations/registry.ts';
import { initializerOfKeras } from './initializers/registry.ts';
import { currentForm, remedyFor } from './kerasForms.ts';
import { kerasGraphOf, type KerasGraph } from './kerasGraph.ts';
import { whereOfNode, type KerasNode } from './kerasNode.ts';
import { defined, type LayerDefinition, type Spec } from './layers/definition.ts';
import { kerasDefinition } from './layers/registry.ts';
import type { Options } from './named.ts';
import { buildNetwork } from './network.ts';
import { regularizerOfKeras } from './regularizers.ts';
import type { Shape } from './shape.ts';
import { IMAGES } from './symbolic.ts';

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
  // Of training alone.
  'activity_regularizer',
]);

/** Settings that may only have the values here: others would change what is computed. */
const FIXED: Readonly<Record<string, readonly string[]>> = {
  data_format: ['"channels_last"', 'null'],
  renorm: ['false'],
};

/**
 * The layers of a Keras model, `Sequential` or `Functional`, with one input and one output. Those of models that it has for layers stand
 * among them.
 * @param json  the parsed JSON, which is not trusted
 * @throws FormatError naming what is not supported
 */
export function specsOfKerasConfig(json: unknown): Spec[] {
  return specsOfKerasGraph(kerasGraphOf(json));
}

/** The same, of a model whose graph is known. @throws FormatError */
export function specsOfKerasGraph({ nodes, inputShape }: KerasGraph): Spec[] {
  const shape = shapeOf(inputShape);
  const isChain = nodes.every(({ inputs }, i) => inputs.join('/') === (nodes[i - 1]?.name ?? IMAGES));
  const specs = nodes.map((node, i) => specOf(node, isChain, i === 0 ? shape : undefined));
  checkAxes(nodes, specs);
  return specs;
}

function specOf(node: KerasNode, isChain: boolean, shape: Shape | undefined): Spec {
  const { className, config } = currentForm(node);
  const definition = kerasDefinition(className);
  const where = whereOfNode(node);
  if (!definition) throw new FormatError(`${where} is not supported. ${remedyFor({ className, config })}`);
  checkQuantization(config, where);
  checkActivation(config, where);
  for (const [key, allowed] of Object.entries(FIXED)) {
    if (key in config && !allowed.includes(quoted(config[key]))) {
      throw new FormatError(`${where}: ${key} ${quoted(config[key])} is not supported.`);
    }
  }
  const { name, trainable, inputs } = node;
  const options = {
    ...optionsOf(config, definition),
    name,
    ...(!trainable && { trainable }),
    ...(shape && { inputShape: shape }),
    ...(!isChain && { inputs }),
  };
  try {
    return defined(definition.parse(options), definition);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new FormatError(`${where}: ${error.message}`, { cause: error });
  }
}

/** @throws FormatError for a layer whose weights are no longer what they were */
function checkQuantization({ dtype }: Options, where: string): void {
  const { class_name: className, config } = isObject(dtype) ? dtype : {};
  if (typeof className !== 'string' || !className.startsWith('Quantized')) return;
  throw new FormatError(
    `${where} is quantized (${quoted(isObject(config) ? config.mode : config)}); quantized models are not read. ` +
      'Save the model without model.quantize().',
  );
}

/** Names in a file are no slips, for which others would be meant. @throws FormatError for one that is not here */
function checkActivation({ activation = null }: Options, where: string): void {
  if (activation === null) return;
  const known = ACTIVATIONS.join(', ');
  if (typeof activation !== 'string') {
    throw new FormatError(`${where}: its activation has no name; there are ${known}.`);
  }
  try {
    activationNamed(activation);
  } catch (cause) {
    throw new FormatError(`${where}: there is no activation ${quoted(activation)} here, only ${known}.`, {
      cause,
    });
  }
}

/** The options of a layer from Keras' settings: in camel case, without those that are null, which is Keras' word for "as usual". */
function optionsOf(config: Options, { hasAxis = false }: LayerDefinition): Record<string, unknown> {
  // Without a prototype, which a key could set.
  const options = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of Object.entries(config)) {
    if (LEFT_OUT.has(key) || key.endsWith('_constraint') || value === null) continue;
    // Which one it is shows when the shapes are known.
    if (key === 'axis' && !hasAxis) continue;
    if (key.endsWith('_initializer')) options[camelCase(key)] = initializerOfKeras(value);
    else if (key.endsWith('_regularizer')) options[camelCase(key)] = regularizerOfKeras(value);
    else options[camelCase(key)] = value;
  }
  return options;
}

/**
 * Keras 2 counts axes from the first, that of the batch: 3 is the last of images, 1 the last of vectors.
 * @throws FormatError for a layer that works along another than the last
 */
function checkAxes(nodes: readonly KerasNode[], specs: readonly Spec[]): void {
  const axes = nodes.map(({ className, config }) =>
    kerasDefinition(className)?.hasAxis ? [] : [config.axis ?? []].flat(),
  );
  if (axes.flat().every((axis) => axis === -1)) return;
  const { layers } = built(specs);
  layers.forEach(({ inputShapes: [input] }, i) => {
    const other = axes[i]!.find((axis) => axis !== -1 && axis !== input!.length);
    if (other === undefined) return;
    throw new FormatError(
      `${whereOfNode(nodes[i]!)}: axis ${quoted(other)} is not supported, only the last.`,
    );
  });
}

function built(specs: readonly Spec[]) {
  try {
    return buildNetwork(specs);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new FormatError(`The Keras model cannot be built. ${error.message}`, { cause: error });
  }
}

function shapeOf(shape: unknown): Shape {
  const sizes: unknown[] = Array.isArray(shape) ? shape.slice(1) : [];
  if (sizes.includes(null)) {
    throw new FormatError(
      `The Keras model's input is ${quoted(shape)}: it takes images of any size, but networks here have one. ` +
        'Build it with a size, such as Input((224, 224, 3)), give that model.set_weights(old.get_weights()), and save it.',
    );
  }
  if (sizes.length !== 3 || !sizes.every(Number.isInteger)) {
    throw new FormatError(
      `The Keras model's input is ${quoted(shape)}; it must be [null, height, width, channels].`,
    );
  }
  return sizes as number[];
}

function camelCase(key: string): string {
  return key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
