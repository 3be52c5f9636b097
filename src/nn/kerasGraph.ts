/**
 * The graph of a Keras model, from its JSON: its layers in one list, those of models that it has for layers among them, and who takes
 * whose output.
 */
import { FormatError } from '../errors.ts';
import { isObject } from '../isObject.ts';
import { MAX_LAYERS, MAX_NESTED_MODELS } from '../limits.ts';
import { quoted } from '../quoted.ts';
import { FreeNames } from './freeNames.ts';
import { withActivationLayers } from './kerasActivations.ts';
import { withoutCompositions } from './kerasCompositions.ts';
import { ofImages } from './kerasInput.ts';
import { whereOf, type KerasNode } from './kerasNode.ts';
import { isOperation, layerOfOperation } from './kerasOperations.ts';
import { operandsOf, referencesIn, type Reference } from './kerasReferences.ts';
import type { Options } from './named.ts';
import { IMAGES } from './symbolic.ts';

/** A model as a list of layers, the last of which gives its output. */
export interface KerasGraph {
  readonly nodes: readonly KerasNode[];
  /** Of a batch of its input: [null, height, width, channels]. Vectors, and images without channels, have got axes of one. */
  readonly inputShape: unknown;
  /** The nodes in the order of Keras, in which the output need not come last. */
  readonly inKerasOrder: readonly KerasNode[];
}

/** A layer as it stands in the JSON. */
interface Given {
  readonly className: string;
  readonly module: unknown;
  readonly config: Options;
  readonly name: string;
  readonly nodes: unknown;
}

/** The model whose layers are being read. */
interface Scope {
  /** What it is applied to; the outermost to the images. */
  readonly inputs: readonly string[];
  readonly trainable: boolean;
  readonly names: readonly string[];
  readonly numbered: readonly string[];
}

interface Reading {
  readonly nodes: KerasNode[];
  /** The names of the outermost model's layers here, by those in Keras. */
  readonly outer: ReadonlyMap<string, string>;
  readonly taken: FreeNames;
}

/**
 * @param json  the parsed JSON, which is not trusted
 * @throws FormatError if it is no model, has several inputs or outputs, or layers that are used several times
 */
export function kerasGraphOf(json: unknown): KerasGraph {
  const model = record(json, 'The model');
  if (
    typeof model.class_name === 'string' &&
    !isModel({ className: model.class_name }) &&
    isWithoutLayers(model)
  )
    throw new FormatError(
      `The Keras model is of the class ${quoted(model.class_name)}, whose layers are in Python code only, and not in the file. ` +
        'Build it as a functional or a Sequential model, or export it to ONNX: model.export("model.onnx", format="onnx").',
    );
  const layers = layersOf(model.config);
  const images = new Set(layers.filter(isInput).map(({ name }) => name));
  if (images.size > 1) {
    throw new FormatError(
      `The Keras model has ${images.size} inputs (${[...images].join(', ')}); there can be one.`,
    );
  }
  const outer = outerNames(layers);
  const reading: Reading = { nodes: [], outer, taken: new FreeNames(outer.values()) };
  const scope = { inputs: [IMAGES], trainable: isTrainable(model.config), names: [], numbered: [] };
  const outputs = readLayers(reading, layers, model.config, scope);
  if (outputs.length > 1) {
    throw new FormatError(
      `The Keras model has ${outputs.length} outputs (${outputs.join(', ')}); there can be one.`,
    );
  }
  // The network's output is that of its last layer.
  const nodes = reading.nodes.filter(({ name }) => name !== outputs[0]);
  nodes.push(...reading.nodes.filter(({ name }) => name === outputs[0]));
  const read = {
    nodes: withoutCompositions(withActivationLayers(nodes)),
    inputShape: inputShapeOf(layers, model.config),
  };
  return { ...ofImages(read), inKerasOrder: reading.nodes };
}

/** Reads the layers of a model into the list. @returns whose outputs are its own */
function readLayers(
  reading: Reading,
  layers: readonly Given[],
  config: unknown,
  scope: Scope,
): readonly string[] {
  const { input_layers: inputLayers, output_layers: outputLayers } = isObject(config) ? config : {};
  const inputOrder = referencesIn(inputLayers).map(({ name }) => name);
  const outputsOf = new Map<string, readonly string[]>();
  const counts = new Map<string, number>();
  let previous = scope.inputs;
  for (const layer of layers) {
    const { name } = layer;
    if (isInput(layer)) {
      const input = scope.inputs[Math.max(0, inputOrder.indexOf(name))];
      if (input === undefined) throw new FormatError(`${whereOf(layer)} is given no input.`);
      previous = [input];
    } else {
      const inputs = inputsOf(layer, outputsOf) ?? previous;
      previous = readLayer(reading, layer, inputs, inScope(scope, layer, counts));
    }
    outputsOf.set(name, previous);
  }
  const outputs = referencesIn(outputLayers);
  if (outputs.length === 0) return previous;
  return outputs.map((reference) => resolved(reference, outputsOf, 'The output of the Keras model'));
}

/** Where a layer is, if that is a model; how often its class came before is counted on the way. */
function inScope(scope: Scope, layer: Given, counts: Map<string, number>): Scope {
  // Operations are no layers, and have no number.
  const kind = isOperation(layer, operandsOf(layer.nodes)) ? '' : snakeCase(layer.className);
  const count = counts.get(kind) ?? 0;
  counts.set(kind, count + 1);
  return {
    ...scope,
    trainable: scope.trainable && isTrainable(layer.config),
    names: [...scope.names, layer.name],
    numbered: [...scope.numbered, count === 0 ? kind : `${kind}_${count}`],
  };
}

/** @param place  of the layer itself */
function readLayer(
  reading: Reading,
  layer: Given,
  inputs: readonly string[],
  place: Scope,
): readonly string[] {
  if (isModel(layer)) {
    if (place.names.length > MAX_NESTED_MODELS) {
      throw new FormatError(`${whereOf(layer)} is nested in more than ${MAX_NESTED_MODELS} models.`);
    }
    const layers = layersOf(layer.config);
    if (reading.nodes.length + layers.length > MAX_LAYERS) throw tooMany();
    return readLayers(reading, layers, layer.config, { ...place, inputs });
  }
  const operands = operandsOf(layer.nodes);
  const { className, config } = isOperation(layer, operands)
    ? layerOfOperation(layer, operands, whereOf(layer))
    : layer;
  const { trainable, names, numbered } = place;
  const name = claimed(reading, names);
  reading.nodes.push({ className, config, name, inputs, trainable, names, numbered });
  return [name];
}

/** A name that no other layer has: its own if possible, else with that of the model that it is in. */
function claimed({ outer, taken }: Reading, names: readonly string[]): string {
  const own = names.at(-1)!;
  const model = names.at(-2);
  if (model === undefined) return outer.get(own)!;
  const name = [own, `${model}_${own}`].map(plainName).find((each) => !taken.has(each));
  return taken.claim(name ?? plainName(`${model}_${own}`));
}

/** The layers of the outermost model keep their names, as far as those are names here. */
function outerNames(layers: readonly Given[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new FreeNames([IMAGES]);
  for (const layer of layers) {
    if (isInput(layer) || isModel(layer) || names.has(layer.name)) continue;
    names.set(layer.name, taken.claim(plainName(layer.name)));
  }
  return names;
}

/** Keras 2 allowed slashes, which stand between a layer's name and a weight's here. */
function plainName(name: string): string {
  return name.replace(/[^\w.-]/g, '_').replace(/^(?=[.-])/, '_');
}

/** The layers that a layer takes; undefined if the layer stands in a sequence. */
function inputsOf(
  layer: Given,
  outputsOf: ReadonlyMap<string, readonly string[]>,
): readonly string[] | undefined {
  const { nodes } = layer;
  if (!Array.isArray(nodes) || nodes.length === 0) return undefined;
  const where = whereOf(layer);
  if (nodes.length > 1)
    throw new FormatError(`${where} is used ${nodes.length} times; layers cannot be shared.`);
  return referencesIn(nodes[0]).map((reference) => resolved(reference, outputsOf, where));
}

function resolved(
  { name, index }: Reference,
  outputsOf: ReadonlyMap<string, readonly string[]>,
  where: string,
): string {
  const output = outputsOf.get(name)?.[index];
  if (output === undefined) {
    throw new FormatError(`${where} takes output ${index} of "${name}", which is no layer before it.`);
  }
  return output;
}

/** What the JSON says of the shape of the model's input. */
function inputShapeOf(outermost: readonly Given[], config: unknown): unknown {
  let layers = outermost;
  for (let depth = 0; depth <= MAX_NESTED_MODELS; depth++) {
    const { config: of, ...layer } = layers.find(isInput) ?? layers[0]!;
    const shape = of.batch_shape ?? of.batch_input_shape;
    if (shape !== undefined && shape !== null) return shape;
    if (!isModel(layer)) break;
    layers = layersOf(of);
  }
  return isObject(config) ? config.build_input_shape : undefined;
}

function layersOf(config: unknown): Given[] {
  // The oldest sequences are a list alone.
  const layers = Array.isArray(config) ? (config as unknown[]) : record(config, 'config').layers;
  if (!Array.isArray(layers) || layers.length === 0 || layers.length > MAX_LAYERS) throw tooMany();
  return (layers as unknown[]).map((value): Given => {
    const layer = record(value, 'A layer');
    const { class_name: className, inbound_nodes: nodes, module } = layer;
    if (typeof className !== 'string') throw new FormatError('A layer of the Keras model has no class_name.');
    const isList = className === 'Sequential' && Array.isArray(layer.config);
    const config = isList ? { layers: layer.config } : record(layer.config, className);
    return { className, module, config, name: textOf(config.name ?? layer.name), nodes };
  });
}

function isWithoutLayers({ config }: Options): boolean {
  return !(isObject(config) && Array.isArray(config.layers));
}

function tooMany(): FormatError {
  return new FormatError(`The Keras model must have a list of 1 to ${MAX_LAYERS} layers.`);
}

function isInput({ className }: Pick<Given, 'className'>): boolean {
  return className === 'InputLayer';
}

function isModel({ className }: Pick<Given, 'className'>): boolean {
  return className === 'Functional' || className === 'Sequential' || className === 'Model';
}

function isTrainable(config: unknown): boolean {
  return !(isObject(config) && config.trainable === false);
}

/** As Keras makes a group's name of that of a class: "max_pooling2d" of MaxPooling2D. */
function snakeCase(className: string): string {
  return className
    .replace(/\W/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/** A name; what is none stands there as JSON. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : quoted(value);
}

function record(value: unknown, what: string): Options {
  if (isObject(value)) return value;
  throw new FormatError(`${what} of the Keras model is no object.`);
}
