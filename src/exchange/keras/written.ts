/** What Keras is given for the layers of a network: most as they are, some as nothing, some as two. */
import { FreeNames } from '../../nn/freeNames.ts';
import type { Layer } from '../../nn/layers/layer.ts';
import type { Network } from '../../nn/network.ts';
import type { LayerSpec } from '../../nn/spec.ts';
import { kerasLayer } from './layers.ts';
import type { Json, KerasVersion } from './options.ts';
import type { Placed } from './order.ts';

/** A layer, or an operation, as Keras is given it. */
export interface Written extends Placed {
  readonly layer: Layer;
  readonly spec: LayerSpec;
  /** Whether it is the operation Gelu, which stands in the place of an activation that Keras has no name for. */
  readonly isOperation: boolean;
}

/**
 * Each with what it then takes. Those that Keras does not have are left out: they augment images, and hand on what they are given
 * outside training.
 */
export function writtenLayers({ layers, specs, inputs }: Network, version: KerasVersion): Written[] {
  const names = new FreeNames(layers.map(({ name }) => name));
  /** Whose output stands for that of a layer. */
  const standIns = new Map<string, string>();
  return layers.flatMap((layer, i): Written[] => {
    const { name } = layer;
    const spec = specs[i]!;
    const taken = inputs[i]!.map((input) => standIns.get(input) ?? input);
    const { since, isMissing } = kerasLayer(spec.type);
    if (since === null || since > version || isMissing?.(spec)) {
      standIns.set(name, taken[0]!);
      return [];
    }
    const written = { name, inputs: taken, layer, spec, isOperation: false };
    if (version === 2 || !('activation' in spec) || spec.activation !== APPROXIMATE) return [written];
    if (spec.type === 'activation') return [{ ...written, isOperation: true }];
    const operation = names.claim(`${name}_gelu`);
    standIns.set(name, operation);
    return [
      { ...written, spec: { ...spec, activation: 'linear' } },
      { ...written, name: operation, inputs: [name], isOperation: true },
    ];
  });
}

/** Keras has an operation that computes it, but no name for it. */
const APPROXIMATE = 'gelu_approximate';

/** As Keras 3 writes `keras.ops.gelu(x, approximate=True)`. */
export function geluOperation(name: string): Json {
  return {
    module: 'keras.src.ops.nn',
    class_name: 'Gelu',
    config: { name, approximate: true },
    registered_name: 'Gelu',
  };
}
