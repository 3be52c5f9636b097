/** Explicit padding, `[[1, 1], [1, 1]]`, which Keras and tfjs do not have in a layer: zeros of a layer in front stand for it. */
import { OptionError } from '../../errors.ts';
import { FreeNames } from '../../nn/freeNames.ts';
import type { Spec } from '../../nn/layers/definition.ts';
import { zeroPadding2d } from '../../nn/layers/zeroPadding2d.ts';
import { buildNetwork, type Network } from '../../nn/network.ts';
import type { Border } from '../../nn/shape.ts';
import type { LayerSpec } from '../../nn/spec.ts';

/**
 * A network that gives the same, whose padding is 'valid' or 'same' everywhere. Layers with weights keep their names.
 *
 * The padding of a max pooling never is the largest; zeros are not either where nothing is below them.
 * @throws OptionError naming a pooling for which zeros would count
 */
export function withoutBorders(network: Network): Network {
  const { specs, layers, inputs, inputShape } = network;
  if (!specs.some((spec) => borderOf(spec))) return network;
  const names = new FreeNames(layers.map(({ name }) => name));
  const positive = neverNegative(network);
  const written = specs.flatMap((spec, i): Spec[] => {
    const padding = borderOf(spec);
    if (!padding) return [{ ...spec, inputs: inputs[i]! }];
    const { name } = layers[i]!;
    const isPooling = spec.type === 'averagePooling2d' || spec.type === 'maxPooling2d';
    if (isPooling && !(spec.type === 'maxPooling2d' && inputs[i]!.every((input) => positive.has(input)))) {
      throw new OptionError(
        `Layer "${name}": Keras and tfjs have no ${spec.type} with padding by numbers, and zeros in front of it would count. ` +
          'Export to ONNX, or build the network with padding "valid" or "same".',
      );
    }
    const zeros = names.claim(`${name}_padding`);
    const valid: Spec & { readonly padding: string } = { ...spec, padding: 'valid', inputs: [zeros] };
    return [{ ...zeroPadding2d({ name: zeros, padding }), inputs: inputs[i]! }, valid];
  });
  return buildNetwork(
    written.map((spec, i) => ({ ...spec, inputShape: i === 0 ? inputShape : undefined }) as Spec),
  );
}

/** The padding of a window, if it is by numbers. */
function borderOf(spec: LayerSpec): Border | undefined {
  if (spec.type === 'zeroPadding2d' || !('padding' in spec) || typeof spec.padding === 'string')
    return undefined;
  return spec.padding;
}

const POSITIVE_ACTIVATIONS: ReadonlySet<string> = new Set([
  'relu',
  'relu6',
  'sigmoid',
  'hard_sigmoid',
  'softplus',
  'softmax',
]);

/** Types of layers that give nothing below 0 if they take nothing below 0. */
const KEEPING: ReadonlySet<string> = new Set<LayerSpec['type']>([
  'maxPooling2d',
  'averagePooling2d',
  'dropout',
  'spatialDropout2d',
  'zeroPadding2d',
  'cropping2d',
  'upSampling2d',
  'reshape',
  'concatenate',
  'add',
  'multiply',
]);

/** The names of layers that give nothing below 0, whatever the images are. */
function neverNegative({ specs, layers, inputs }: Network): ReadonlySet<string> {
  const found = new Set<string>();
  specs.forEach((spec, i) => {
    const isPositive =
      spec.type === 'softmax' ||
      (spec.type === 'reLU' && spec.negativeSlope === 0) ||
      ('activation' in spec && POSITIVE_ACTIVATIONS.has(spec.activation)) ||
      (KEEPING.has(spec.type) && inputs[i]!.every((input) => found.has(input)));
    if (isPositive) found.add(layers[i]!.name);
  });
  return found;
}
