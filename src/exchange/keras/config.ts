/** A network as Keras writes it in JSON: what `model.to_json()` gives, which Keras 3, Keras 2 or tfjs can read. */
import { FreeNames } from '../../nn/freeNames.ts';
import { OptionError } from '../../errors.ts';
import { kerasNameOf } from '../../nn/layers/definition.ts';
import type { Layer } from '../../nn/layers/layer.ts';
import { isChain, type Network } from '../../nn/network.ts';
import type { Shape } from '../../nn/shape.ts';
import { IMAGES } from '../../nn/symbolic.ts';
import { withoutBorders } from './borders.ts';
import { kerasObject, kerasOptions, type Json, type KerasVersion } from './options.ts';
import { inKerasOrder } from './order.ts';
import { geluOperation, writtenLayers, type Written } from './written.ts';

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
  /** The name of the layer that stands for the input. */
  readonly input: string;
  /** In the order of Keras, which its files number them by; without the input. */
  readonly layers: readonly Layer[];
}

/**
 * The network in Keras' JSON: `Sequential` if it is a chain, else `Functional`.
 *
 * Layers that augment images are left out where Keras has none like them (all of them in version 2, cutout and mixUp in any): outside
 * training they hand on what they are given.
 * Zeros that a convolution pads with, by numbers, become a layer in front of it.
 * @throws OptionError for an option that Keras has no word for
 */
export function kerasConfigOf(network: Network, options: KerasConfigOptions = {}): Json {
  return kerasModelOf(network, options).config;
}

/** The same, with what a writer of its weights needs to know. @throws OptionError */
export function kerasModelOf(given: Network, { version = 3 }: KerasConfigOptions = {}): KerasModel {
  const network = withoutBorders(given);
  const written = writtenLayers(network, version);
  if (written.length === 0) throw new OptionError('Keras has none of the layers of the network.');
  const isSequential = isChain(network) && !written.some(({ isOperation }) => isOperation);
  const byName = new Map(written.map((each) => [each.name, each]));
  const ordered = isSequential ? written : inKerasOrder(written).map((name) => byName.get(name)!);
  const input = new FreeNames(byName.keys()).claim('input_layer');
  const context: Context = { network, version, byName, input };
  return {
    config: isSequential ? sequentialOf(context, ordered) : functionalOf(context, ordered, written.at(-1)!),
    isSequential,
    input,
    layers: ordered.flatMap(({ layer, isOperation }) => (isOperation ? [] : [layer])),
  };
}

interface Context {
  readonly network: Network;
  readonly version: KerasVersion;
  readonly byName: ReadonlyMap<string, Written>;
  /** The name of the layer that stands for the input. */
  readonly input: string;
}

function sequentialOf(context: Context, ordered: readonly Written[]): Json {
  const layers = [inputLayer(context), ...ordered.map((each) => layerOf(context, each))];
  return modelOf(context, 'Sequential', { name: 'sequential', trainable: true, layers });
}

function functionalOf(context: Context, ordered: readonly Written[], last: Written): Json {
  const { input, version } = context;
  const reference = (name: string): unknown => (version === 2 ? [[name, 0, 0]] : [name, 0, 0]);
  return modelOf(context, 'Functional', {
    name: 'functional',
    trainable: true,
    layers: [
      { ...inputLayer(context), name: input, inbound_nodes: [] },
      ...ordered.map((each) => ({
        ...layerOf(context, each),
        name: each.name,
        inbound_nodes: nodesOf(context, each.inputs),
      })),
    ],
    input_layers: reference(input),
    output_layers: reference(last.name),
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

function layerOf({ version }: Context, { name, layer, spec, isOperation }: Written): Json {
  if (isOperation) return geluOperation(name);
  const config = {
    name,
    // Some layers without weights do not take it.
    ...(layer.weights.length > 0 && { trainable: layer.trainable }),
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
  const shapeOf = (name: string): Shape => byName.get(name)?.layer.outputShape ?? network.inputShape;
  const tensors = names.map((name) => ({
    class_name: '__keras_tensor__',
    config: { shape: [null, ...shapeOf(name)], dtype: 'float32', keras_history: [name, 0, 0] },
  }));
  return [{ args: tensors.length === 1 ? tensors : [tensors], kwargs: {} }];
}
