/** A network as Keras writes it in JSON: what `model.to_json()` gives, which Keras 3, Keras 2 or tfjs can read. */
import { OptionError } from '../../errors.ts';
import { kerasNameOf } from '../../nn/layers/definition.ts';
import type { Layer } from '../../nn/layers/layer.ts';
import { isChain, type Network } from '../../nn/network.ts';
import type { Shape } from '../../nn/shape.ts';
import type { LayerSpec } from '../../nn/spec.ts';
import { IMAGES } from '../../nn/symbolic.ts';
import { kerasLayer } from './layers.ts';
import { kerasObject, kerasOptions, type Json, type KerasVersion } from './options.ts';
import { inKerasOrder, type Placed } from './order.ts';

export interface KerasConfigOptions {
  /** Whose form it has: of Keras 3 by default; 2 is that of tf.keras 2 and tfjs. */
  readonly version?: KerasVersion;
}

/** A network as Keras has it. */
export interface KerasModel {
  /** The JSON. */
  readonly config: Json;
  /** Whether it is a chain. */
  readonly isSequential: boolean;
  /** In the order of Keras, which its files number them by; without the input. */
  readonly layers: readonly Layer[];
}

/**
 * The network in Keras' JSON: `Sequential` if it is a chain, else `Functional`.
 *
 * Layers that augment images are left out where Keras has none like them (all of them in version 2, cutout and mixUp in any): outside
 * training they hand on what they are given.
 * @throws OptionError for an option that Keras has no word for
 */
export function kerasConfigOf(network: Network, options: KerasConfigOptions = {}): Json {
  return kerasModelOf(network, options).config;
}

/** The same, with what a writer of its weights needs to know. @throws OptionError */
export function kerasModelOf(network: Network, { version = 3 }: KerasConfigOptions = {}): KerasModel {
  const placed = writtenLayers(network, version);
  if (placed.length === 0) throw new OptionError('Keras has none of the layers of the network.');
  const isSequential = isChain(network);
  const names = isSequential ? placed.map(({ name }) => name) : inKerasOrder(placed);
  const byName = new Map(network.layers.map((layer) => [layer.name, layer]));
  const context: Context = { network, version, placed, byName, input: inputName(network) };
  return {
    config: isSequential ? sequentialOf(context) : functionalOf(context, names),
    isSequential,
    layers: names.map((name) => byName.get(name)!),
  };
}

interface Context {
  readonly network: Network;
  readonly version: KerasVersion;
  readonly placed: readonly Placed[];
  readonly byName: ReadonlyMap<string, Layer>;
  /** The name of the layer that stands for the input. */
  readonly input: string;
}

/** The layers that Keras has, each with those whose outputs it then takes. */
function writtenLayers({ layers, inputs }: Network, version: KerasVersion): Placed[] {
  /** Whose output stands for that of a layer that is left out. */
  const standIns = new Map<string, string>();
  return layers.flatMap(({ name, type }, i): Placed[] => {
    const taken = inputs[i]!.map((input) => standIns.get(input) ?? input);
    const { since } = kerasLayer(type as LayerSpec['type']);
    if (since !== null && since <= version) return [{ name, inputs: taken }];
    standIns.set(name, taken[0]!);
    return [];
  });
}

function sequentialOf(context: Context): Json {
  const layers = [inputLayer(context), ...context.placed.map(({ name }) => layerOf(context, name))];
  return modelOf(context, 'Sequential', { name: 'sequential', trainable: true, layers });
}

function functionalOf(context: Context, names: readonly string[]): Json {
  const { input, placed, version } = context;
  const inputsOf = new Map(placed.map(({ name, inputs }) => [name, inputs]));
  const graph = (layer: Json, name: string, nodes: unknown): Json => {
    return { ...layer, name, inbound_nodes: nodes };
  };
  const reference = (name: string): unknown => (version === 2 ? [[name, 0, 0]] : [name, 0, 0]);
  return modelOf(context, 'Functional', {
    name: 'functional',
    trainable: true,
    layers: [
      graph(inputLayer(context), input, []),
      ...names.map((name) => graph(layerOf(context, name), name, nodesOf(context, inputsOf.get(name)!))),
    ],
    input_layers: reference(input),
    output_layers: reference(placed.at(-1)!.name),
  });
}

function modelOf({ version }: Context, className: keyof typeof MODULES, config: Json): Json {
  return version === 2
    ? { class_name: className, config, keras_version: '2.15.0', backend: 'tensorflow' }
    : kerasObject(MODULES[className], className, config, version);
}

/** Where Keras 3 keeps its classes of models; Functional is in none of the public ones. */
const MODULES = { Sequential: 'keras', Functional: 'keras.src.models.functional' } as const;

function inputLayer({ network, version, input }: Context): Json {
  const shape = [null, ...network.inputShape];
  const config =
    version === 2
      ? { batch_input_shape: shape, dtype: 'float32', sparse: false, ragged: false, name: input }
      : { batch_shape: shape, dtype: 'float32', sparse: false, name: input };
  return kerasObject('keras.layers', 'InputLayer', config, version);
}

function layerOf({ network, version, byName }: Context, name: string): Json {
  const layer = byName.get(name)!;
  const spec = network.specs[network.layers.indexOf(layer)]!;
  const config = {
    name,
    trainable: layer.trainable,
    dtype: 'float32',
    ...kerasOptions(spec, layer, version),
  };
  return kerasObject('keras.layers', kerasNameOf(spec.type), config, version);
}

/** How a layer is called: once, with what it takes. */
function nodesOf(context: Context, inputs: readonly string[]): unknown {
  const { version, input, network, byName } = context;
  const names = inputs.map((name) => (name === IMAGES ? input : name));
  if (version === 2) return [names.map((name) => [name, 0, 0, {}])];
  const shapeOf = (name: string): Shape => byName.get(name)?.outputShape ?? network.inputShape;
  const tensors = names.map((name) => ({
    class_name: '__keras_tensor__',
    config: { shape: [null, ...shapeOf(name)], dtype: 'float32', keras_history: [name, 0, 0] },
  }));
  return [{ args: tensors.length === 1 ? tensors : [tensors], kwargs: {} }];
}

function inputName({ layers }: Network): string {
  const taken = new Set(layers.map(({ name }) => name));
  let name = 'input_layer';
  for (let i = 1; taken.has(name); i++) name = `input_layer_${i}`;
  return name;
}
