/** Networks from layers models of TensorFlow.js. */
import { FormatError, OptionError } from '../../errors.ts';
import { parseTfjsModel, type TfjsModel } from '../../formats/tfjs/model.ts';
import { decodeTfjsWeights, type TfjsWeight } from '../../formats/tfjs/weights.ts';
import { isObject } from '../../isObject.ts';
import { specsOfKerasGraph } from '../../nn/kerasConfig.ts';
import type { Spec } from '../../nn/layers/definition.ts';
import { buildNetwork, type Network } from '../../nn/network.ts';
import type { Tensor } from '../../nn/parameters.ts';
import { quoted } from '../../quoted.ts';
import type { Imported, Source } from '../imported.ts';
import { storedPixelScale } from '../pixelScale.ts';
import { importedLoss } from '../importedLoss.ts';
import { importedMetrics } from '../importedMetrics.ts';
import { keras2Graph } from '../keras2/graph.ts';
import { importOptimizer } from './importOptimizer.ts';
import { weightFinder, type WeightFinder } from './weightNames.ts';

/**
 * The network of a `model.json`, with its weights, which are fetched from the files beside it.
 *
 * Optimizer state is taken of Adam, SGD with and without momentum, and RMSProp; that of others is left out. The names of classes are
 * taken from `userDefinedMetadata` if it has `classNames` or `labels`, and the pixel scale if it has `pixelScale`.
 * @throws FormatError naming what is broken or not supported
 * @throws DataError if a file beside it is missing
 */
export async function importTfjs(source: Source): Promise<Imported> {
  const { fileName } = source;
  const model = parseTfjsModel(source.bytes, fileName);
  const { specs, network, find } = layersOf(model, fileName);
  const stored = await readWeights(model, source);
  const isOptimizers = ({ group }: TfjsWeight): boolean => group === 'optimizer';
  const weights = weightsOf(
    network,
    stored.filter((each) => !isOptimizers(each)),
    find,
    fileName,
  );
  const classNames = classNamesOf(model.metadata, network);
  const optimizer = importOptimizer({
    trainingConfig: model.trainingConfig,
    stored: stored.filter(isOptimizers),
    network,
    find,
    fileName,
  });
  const compiled = isObject(model.trainingConfig) ? model.trainingConfig : {};
  const loss = importedLoss(compiled.loss);
  return {
    layers: specs,
    weights,
    layout: 'nhwc',
    pixelScale: isObject(model.metadata) ? storedPixelScale(model.metadata.pixelScale) : undefined,
    loss,
    metrics: importedMetrics(compiled.metrics, loss, network.outputShape.at(-1)!),
    ...(classNames && { classNames }),
    ...(optimizer && { optimizer }),
  };
}

interface Layers {
  readonly specs: readonly Spec[];
  readonly network: Network;
  readonly find: WeightFinder;
}

/** Errors of what reads JSON alone do not know its file. */
function layersOf({ topology }: TfjsModel, fileName: string): Layers {
  try {
    const graph = keras2Graph(topology);
    const specs = specsOfKerasGraph(graph);
    const network = buildNetwork(specs);
    return { specs, network, find: weightFinder(network, graph.nodes) };
  } catch (error) {
    if (!(error instanceof FormatError || error instanceof OptionError)) throw error;
    throw new FormatError(`${fileName}: ${error.message}`, { cause: error });
  }
}

async function readWeights({ groups }: TfjsModel, source: Source): Promise<TfjsWeight[]> {
  const stored: TfjsWeight[] = [];
  for (const group of groups) {
    const shards: Uint8Array[] = [];
    for (const path of group.paths) shards.push(await source.file(path));
    for (const weight of decodeTfjsWeights(group, shards, source.fileName)) stored.push(weight);
  }
  return stored;
}

function weightsOf(
  network: Network,
  stored: readonly TfjsWeight[],
  find: WeightFinder,
  fileName: string,
): Map<string, Tensor> {
  const shapes = new Map(network.weights.map(({ name, shape }) => [name, shape]));
  const found = new Map<string, Tensor>();
  for (const { name: storedName, shape, data } of stored) {
    const name = find(storedName);
    if (name === undefined) {
      throw new FormatError(`${fileName}: no layer has a weight ${quoted(storedName)}.`);
    }
    if (found.has(name)) throw new FormatError(`${fileName}: the weight "${name}" is there twice.`);
    const wanted = shapes.get(name)!;
    if (wanted.join() !== shape.join()) {
      throw new FormatError(
        `${fileName}: the weight "${name}" is [${shape.join(', ')}], but its layer takes [${wanted.join(', ')}].`,
      );
    }
    found.set(name, { shape: wanted, data });
  }
  const missing = network.weights.find(({ name }) => !found.has(name));
  if (missing) throw new FormatError(`${fileName}: it has no weight "${missing.name}".`);
  return new Map(network.weights.map(({ name }) => [name, found.get(name)!]));
}

/** As many names as the network has outputs, if that is what its author left. */
function classNamesOf(metadata: unknown, { outputShape }: Network): readonly string[] | undefined {
  const names = isObject(metadata) ? (metadata.classNames ?? metadata.labels) : undefined;
  const isList = Array.isArray(names) && names.every((name) => typeof name === 'string');
  return isList && names.length === outputShape.at(-1) ? names : undefined;
}
