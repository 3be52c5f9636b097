/** Reading Keras' older files, `.h5`: the model's JSON is an attribute, and arrays have names. */
import { FormatError } from '../../errors.ts';
import { decodeHdf5 } from '../../formats/hdf5/decode.ts';
import { emptyGroup, type H5Dataset, type H5Group, type H5Value } from '../../formats/hdf5/hdf5.ts';
import { isObject } from '../../isObject.ts';
import { kerasDefinition } from '../../nn/layers/registry.ts';
import type { KerasGraph } from '../../nn/kerasGraph.ts';
import type { KerasNode } from '../../nn/kerasNode.ts';
import type { LayerSpec } from '../../nn/spec.ts';
import type { Imported, Source } from '../imported.ts';
import { groupAt } from './arrays.ts';
import { groupBy } from './groupBy.ts';
import { kerasLayer } from './layers.ts';
import { importedModel, parsedJson } from './model.ts';

/**
 * A network from a `.h5` file, as `model.save('NAME.h5')` of Keras 3, of tf.keras 2 and of Keras 2 writes it; with what the optimizer knew if
 * it is one of those that both have.
 * @throws FormatError naming the file and what in it is wrong, or not supported
 */
// eslint-disable-next-line @typescript-eslint/require-await -- as the other importers
export async function importKerasH5({ fileName, bytes }: Source): Promise<Imported> {
  const root = decodeHdf5(bytes, fileName);
  const json = jsonIn(root, 'model_config', fileName);
  if (json === undefined) {
    throw new FormatError(
      `${fileName} has weights only: its layers are missing (model_config). Save the whole model: model.save("model.keras").`,
    );
  }
  const trainingJson = jsonIn(root, 'training_config', fileName);
  const training = isObject(trainingJson) ? trainingJson : {};
  const optimizer = root.groups.get('optimizer_weights');
  return importedModel({
    fileName,
    json,
    isKeras2: String(root.attributes.get('keras_version')).startsWith('2.'),
    loss: training.loss,
    metrics: training.metrics,
    arraysOf: (graph) => {
      const arrays = arraysByNode(root.groups.get('model_weights') ?? emptyGroup(), graph);
      return (node) => arrays.get(node.name) ?? [];
    },
    optimizer: {
      config: training.optimizer_config,
      variables: optimizer ? namedArrays(optimizer, fileName).map(([, dataset]) => dataset) : [],
      names: optimizer && textsIn(optimizer, 'weight_names'),
    },
  });
}

function jsonIn({ attributes }: H5Group, name: string, fileName: string): unknown {
  const text = attributes.get(name);
  return typeof text === 'string' ? parsedJson(text, `${fileName}: ${name}`) : undefined;
}

/** The arrays of each layer, by its name here. */
function arraysByNode(stored: H5Group, { inKerasOrder }: KerasGraph): ReadonlyMap<string, H5Dataset[]> {
  const byOutermost = groupBy(inKerasOrder, ({ names }) => names[0]!);
  return new Map(
    [...byOutermost].flatMap(([name, nodes]): [string, H5Dataset[]][] => {
      const group = groupAt(stored, name.split('/'));
      const arrays = group ? namedArrays(group, `The Keras layer "${name}"`) : [];
      if (nodes.length === 1 && nodes[0]!.names.length === 1) {
        return [[nodes[0]!.name, arrays.map(([, dataset]) => dataset)]];
      }
      return [...ofModel(nodes, arrays)];
    }),
  );
}

/**
 * The arrays of a model within the model, which has them all in one group: by the names of layer and weight, which end each array's name.
 * Where they are not unique, by their order, which is that of the layers, but trained ones first.
 */
function ofModel(
  nodes: readonly KerasNode[],
  arrays: readonly (readonly [string, H5Dataset])[],
): Map<string, H5Dataset[]> {
  const byTail = groupBy(arrays, ([name]) => name.replace(/:0$/, '').split('/').slice(-2).join('/'));
  const isUnique = new Set(nodes.map(({ names }) => names.at(-1))).size === nodes.length;
  const wanted = nodes.flatMap((node) => weightsOf(node).map((weight) => ({ node, weight })));
  const isTrained = ({ node, weight }: (typeof wanted)[number]): boolean =>
    node.trainable && !weight.startsWith('moving_');
  const inOrder = [...wanted.filter(isTrained), ...wanted.filter((each) => !isTrained(each))];
  const found = new Map<string, H5Dataset[]>(nodes.map(({ name }) => [name, []]));
  let next = 0;
  for (const { node, weight } of isUnique ? wanted : inOrder) {
    const named = isUnique ? byTail.get(`${node.names.at(-1)!}/${weight}`) : arrays.slice(next, ++next);
    if (named?.length === 1) found.get(node.name)!.push(named[0]![1]);
  }
  return found;
}

/** The weights that a layer may have; of those that can be missing, settings say whether they are. */
function weightsOf({ className, config }: KerasNode): readonly string[] {
  const type = kerasDefinition(className)?.type;
  const weights = type === undefined ? [] : kerasLayer(type as LayerSpec['type']).weights;
  const isOff: Readonly<Record<string, boolean>> = {
    bias: config.use_bias === false,
    gamma: config.scale === false,
    beta: config.center === false,
  };
  return weights.filter((weight) => !isOff[weight]);
}

/** The arrays of a group in the order of its `weight_names`. @throws FormatError if one is missing */
function namedArrays(group: H5Group, where: string): (readonly [string, H5Dataset])[] {
  return textsIn(group, 'weight_names').map((name) => {
    const path = name.split('/');
    const dataset = groupAt(group, path.slice(0, -1))?.datasets.get(path.at(-1)!);
    if (dataset) return [name, dataset];
    throw new FormatError(`${where} has no array "${name}", which its weight_names list.`);
  });
}

/** A list of names, which is in several attributes if it is too long for one. */
function textsIn({ attributes }: H5Group, name: string): readonly string[] {
  const texts: string[] = [...stringsOf(attributes.get(name))];
  for (let i = 0; attributes.has(`${name}${i}`); i++) {
    for (const text of stringsOf(attributes.get(`${name}${i}`))) texts.push(text);
  }
  return texts;
}

function stringsOf(value: H5Value | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? (value as readonly string[]) : [];
}
