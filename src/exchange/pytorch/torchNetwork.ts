/** A network as PyTorch has it: what both directions know of it. */
import type { Layer } from '../../nn/layers/layer.ts';
import type { Network } from '../../nn/network.ts';
import type { LayerSpec } from '../../nn/spec.ts';
import { torchLayer } from './layers/registry.ts';
import type { Place, TorchLayer, TorchModule } from './layers/torchLayer.ts';
import { identifiers } from './names.ts';
import { ordersOf } from './order.ts';

/** A layer of a network in PyTorch. */
export interface TorchNode {
  readonly spec: LayerSpec;
  readonly layer: Layer;
  readonly definition: TorchLayer;
  readonly place: Place;
  /** What it takes: names of layers, or `IMAGES`. */
  readonly inputs: readonly string[];
  /** Its name in Python. */
  readonly identifier: string;
  readonly modules: readonly TorchModule[];
}

/** @throws OptionError if a type of layer is not known in PyTorch */
export function torchNetwork(network: Network): TorchNode[] {
  const { layers, specs, inputs } = network;
  const definitions = layers.map(({ type }) => torchLayer(type));
  const names = identifiers(
    layers.map(({ name }, i) => ({ name, suffixes: definitions[i]!.suffixes ?? [] })),
  );
  const { of, plain } = ordersOf(network);
  return layers.map((layer, i) => {
    const { name, inputShapes, outputShape } = layer;
    const definition = definitions[i]!;
    const inputOrders = inputs[i]!.map((input) => of.get(input));
    const place: Place = { name, inputShapes, outputShape, inputOrders, plain: plain.has(name) };
    const spec = specs[i]!;
    const modules = definition.modules?.(spec, place) ?? [];
    return { spec, layer, definition, place, inputs: inputs[i]!, identifier: names[i]!, modules };
  });
}

/** The attribute that a module of a layer is. */
export function attributeOf(
  { identifier }: Pick<TorchNode, 'identifier'>,
  suffix: string | undefined,
): string {
  return suffix === undefined ? identifier : `${identifier}_${suffix}`;
}
