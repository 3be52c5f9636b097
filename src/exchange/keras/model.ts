/** A Keras model from its JSON and its arrays, whichever file they were in. */
import { FormatError, OptionError } from '../../errors.ts';
import type { H5Dataset } from '../../formats/hdf5/hdf5.ts';
import { parseJson } from '../../formats/json.ts';
import { MAX_JSON_BYTES } from '../../limits.ts';
import { specsOfKerasGraph } from '../../nn/kerasConfig.ts';
import { kerasGraphOf, type KerasGraph } from '../../nn/kerasGraph.ts';
import { whereOfNode, type KerasNode } from '../../nn/kerasNode.ts';
import { weightName, type Layer, type WeightSpec } from '../../nn/layers/layer.ts';
import { buildNetwork, type NamedWeight, type Network } from '../../nn/network.ts';
import type { Tensor } from '../../nn/parameters.ts';
import type { LayerSpec } from '../../nn/spec.ts';
import type { Imported } from '../imported.ts';
import { importedLoss } from '../importedLoss.ts';
import { importedMetrics } from '../importedMetrics.ts';
import { keras2Graph } from '../keras2/graph.ts';
import { floatsOf, tensorOf } from './arrays.ts';
import { groupBy } from './groupBy.ts';
import { kerasLayer } from './layers.ts';
import { importedOptimizer, type StoredOptimizer } from './optimizer.ts';

/** What a file has. */
export interface StoredModel {
  /** For messages. */
  readonly fileName: string;
  readonly json: unknown;
  /** The arrays of the layers, in Keras' order; none for those that have none. */
  readonly arraysOf: (graph: KerasGraph) => (node: KerasNode) => readonly H5Dataset[];
  readonly optimizer?: StoredOptimizer | undefined;
  /** What `compile` was given, as JSON. */
  readonly loss?: unknown;
  readonly metrics?: unknown;
  /** Whether it is of Keras 2, which computed some things otherwise. */
  readonly isKeras2?: boolean;
}

/** @throws FormatError naming the file and what in it is wrong or not supported */
export function importedModel(stored: StoredModel): Imported {
  try {
    return imported(stored);
  } catch (error) {
    if (!(error instanceof OptionError) && !(error instanceof FormatError)) throw error;
    throw new FormatError(`${stored.fileName}: ${error.message}`, { cause: error });
  }
}

function imported({ json, arraysOf, optimizer, isKeras2 = false, ...compiled }: StoredModel): Imported {
  const read = isKeras2 ? keras2Graph(json) : kerasGraphOf(json);
  const arrays = arraysOf(read);
  const graph = { ...read, nodes: read.nodes.map((node) => adapted(node, arrays)) };
  const layers = specsOfKerasGraph(graph);
  const network = buildNetwork(layers);
  const weights = new Map(
    network.layers.flatMap((layer, i) => weightsOf(layer, graph.nodes[i]!, arrays(graph.nodes[i]!))),
  );
  const found = optimizer && importedOptimizer(optimizer, trainedWeights(network, graph));
  const loss = importedLoss(compiled.loss);
  const metrics = importedMetrics(compiled.metrics, loss, network.outputShape.at(-1)!);
  return { layers, weights, layout: 'nhwc', loss, metrics, ...(found && { optimizer: found }) };
}

/** A normalization that has learnt its statistics has them among the weights; here they are settings. */
function adapted(node: KerasNode, arraysOf: (node: KerasNode) => readonly H5Dataset[]): KerasNode {
  const { className, config } = node;
  if (className !== 'Normalization' || (config.mean ?? null) !== null) return node;
  // Behind them is how many images they are of.
  const [mean, variance] = arraysOf(node)
    .slice(0, 2)
    .map((each) => [...floatsOf(each, whereOfNode(node))]);
  return { ...node, config: { ...config, mean, variance } };
}

function weightsOf(layer: Layer, node: KerasNode, arrays: readonly H5Dataset[]): [string, Tensor][] {
  const weights = weightsInKerasOrder(layer);
  const where = whereOfNode(node);
  // What a normalization has learnt has been made a setting.
  if (arrays.length !== weights.length && layer.type !== 'normalization') {
    throw new FormatError(
      `${where} has ${arrays.length} weights in the file, but the network needs ${weights.length}: ${weights.map(({ name }) => name).join(', ') || 'none'}.`,
    );
  }
  return weights.map(({ name, shape }, i) => [
    weightName(layer.name, name),
    tensorOf(arrays[i]!, shape, `${where}: its ${name}`),
  ]);
}

/** The weights of a layer, as Keras has them one behind the other. */
export function weightsInKerasOrder({ type, weights }: Layer): WeightSpec[] {
  const names = kerasLayer(type as LayerSpec['type']).weights;
  return weights.toSorted((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
}

function trainedWeights({ weights }: Network, { inKerasOrder }: KerasGraph): NamedWeight[] {
  const byLayer = groupBy(
    weights.filter(({ trained }) => trained),
    ({ name }) => name.slice(0, name.lastIndexOf('/')),
  );
  return inKerasOrder.flatMap(({ name }) => byLayer.get(name) ?? []);
}

/** @throws FormatError if it is too long, or no JSON */
export function parsedJson(text: string, what: string): unknown {
  if (text.length > MAX_JSON_BYTES) {
    throw new FormatError(`${what} is longer than ${MAX_JSON_BYTES} characters.`);
  }
  try {
    return parseJson(text);
  } catch (cause) {
    throw new FormatError(`${what} is not JSON: ${(cause as Error).message}.`, { cause });
  }
}
