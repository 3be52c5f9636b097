/** What weights are called in files of TensorFlow.js. */
import type { Layer } from '../../nn/layers/layer.ts';
import type { Network } from '../../nn/network.ts';
import type { LayerNames } from '../keras2/layerNames.ts';

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
 */
export function weightFinder({ layers }: Network, names: LayerNames): WeightFinder {
  const weightsOf = new Map(
    layers.map(({ name, type, weights }): [string, ReadonlyMap<string, string>] => [
      name,
      new Map([
        ...weights.map((weight): [string, string] => [weight.name, `${name}/${weight.name}`]),
        ...[...(OTHER_NAMES.get(type) ?? [])].map(([own, other]): [string, string] => [
          other,
          `${name}/${own}`,
        ]),
      ]),
    ]),
  );
  return (name) => {
    const parts = name.replace(/:\d+$/, '').split('/', MOST_PARTS);
    const weight = parts.pop()!;
    for (let end = parts.length; end > 0; end--) {
      // The longest first: "conv1/conv" may be the name of a layer, and "conv" that of another.
      for (let begin = 0; begin < end; begin++) {
        const layer = names.get(parts.slice(begin, end).join('/'));
        const found = layer === undefined ? undefined : weightsOf.get(layer)?.get(weight);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  };
}

/** Of a name: no model is nested so deep. */
const MOST_PARTS = 20;
