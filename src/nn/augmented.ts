/** A network that is trained on images which are changed at random. */
import { OptionError } from '../errors.ts';
import { definitionOf, type Spec } from './layers/definition.ts';
import type { Network } from './network.ts';
import { IMAGES } from './symbolic.ts';

/**
 * The network behind layers that do nothing but in training. Its weights are the same.
 * @throws OptionError if one does not fit the images, or is a layer of another kind
 */
export function augmented(network: Network, specs: readonly Spec[]): Network {
  const shape = network.inputShape;
  const layers = specs.map((spec, i) => {
    // No layer of the network has such a name.
    const name = `${i}:${spec.type}`;
    const context = { name, inputShapes: [shape], trainable: false, convolution: 'auto' } as const;
    const layer = {
      type: spec.type,
      name,
      trainable: false,
      inputShapes: [shape],
      weights: [],
      ...definitionOf(spec).build(spec, context),
    };
    if (layer.mixesTargets === undefined)
      throw new OptionError(`augment: ${spec.type} does not change images at random, as randomFlip() does.`);
    return layer;
  });
  const names = [IMAGES, ...layers.map(({ name }) => name)];
  return {
    ...network,
    layers: [...layers, ...network.layers],
    inputs: [
      ...layers.map((_, i) => [names[i]!]),
      ...network.inputs.map((taken) => taken.map((name) => (name === IMAGES ? names.at(-1)! : name))),
    ],
  };
}
