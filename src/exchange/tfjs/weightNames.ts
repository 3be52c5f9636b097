/** What weights are called in files of TensorFlow.js. */
import type { KerasNode } from '../../nn/kerasNode.ts';
import { weightName, type Layer } from '../../nn/layers/layer.ts';
import type { Network } from '../../nn/network.ts';

/** What tfjs and Keras 2 call weights otherwise than Keras 3, by the layer's type and the weight's name. */
const OTHER_NAMES: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  ['depthwiseConv2d', new Map([['kernel', 'depthwise_kernel']])],
]);

/** What tfjs calls a layer's weight: "conv2d/kernel". */
export function tfjsWeightName({ type, name }: Pick<Layer, 'type' | 'name'>, weight: string): string {
  return `${name}/${OTHER_NAMES.get(type)?.get(weight) ?? weight}`;
}

/** The weight that a name means, "conv2d/kernel"; undefined if it means none. */
export type WeightFinder = (name: string) => string | undefined;

/**
 * Names are those of the layer and of the weight, with a slash between: "conv2d_1/kernel". In front there may be the scopes that the
 * layer was made in, "model/block/conv2d_1/kernel", in between a scope of its own, and behind the number of an output, ":0".
 * @param nodes  the layers by the names that they have in the file
 */
export function weightFinder({ layers }: Network, nodes: readonly KerasNode[]): WeightFinder {
  const weightsOf = new Map(
    layers.map(({ name, type, weights }): [string, ReadonlyMap<string, string>] => [
      name,
      new Map(
        weights.flatMap(({ name: own }): [string, string][] => {
          const weight = weightName(name, own);
          return [
            [own, weight],
            [OTHER_NAMES.get(type)?.get(own) ?? own, weight],
          ];
        }),
      ),
    ]),
  );
  const layerOf = namesInFile(nodes);
  return (name) => {
    const parts = name.replace(/:\d+$/, '').split('/');
    const weight = parts.pop()!;
    const scopes = parts.slice(-MOST_SCOPES);
    for (let end = scopes.length; end > 0; end--) {
      // The longest first: "conv1/conv" may be the name of a layer, and "conv" that of another.
      for (let begin = 0; begin < end; begin++) {
        const layer = layerOf.get(scopes.slice(begin, end).join('/'));
        const found = layer === undefined ? undefined : weightsOf.get(layer)?.get(weight);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  };
}

/** Parts of a name in front of the weight's own: no model is nested so deep. */
const MOST_SCOPES = 20;

/** What layers are called here, by their names in the file with those of the models that they are in, and alone where that is clear. */
function namesInFile(nodes: readonly KerasNode[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const several = new Set<string>();
  for (const { names: path, name } of nodes) {
    const own = path.at(-1)!;
    if (names.has(own)) several.add(own);
    names.set(own, name);
  }
  for (const own of several) names.delete(own);
  for (const { names: path, name } of nodes) names.set(path.join('/'), name);
  return names;
}
