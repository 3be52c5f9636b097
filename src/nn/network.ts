import { OptionError } from '../errors.ts';
import { conv2dLayer } from './layers/conv2d.ts';
import type { ConvolutionChoice } from './layers/convolutionAlgorithm.ts';
import { denseLayer } from './layers/dense.ts';
import { flattenLayer } from './layers/flatten.ts';
import type { Layer } from './layers/layer.ts';
import { maxPooling2dLayer } from './layers/maxPooling2d.ts';
import { size, type Shape } from './shape.ts';
import type { LayerSpec } from './spec.ts';

/** A tensor of the network, named as Keras names it: "conv2d_1/kernel". */
export interface NamedWeight {
  readonly name: string;
  readonly shape: Shape;
}

/** A network with all its shapes known. */
export interface Network {
  /** The specs with every name filled in: enough to build the same network again. */
  readonly specs: readonly LayerSpec[];
  readonly inputShape: readonly [height: number, width: number, channels: number];
  readonly layers: readonly Layer[];
  readonly weights: readonly NamedWeight[];
  readonly parameterCount: number;
}

/** How Keras derives a layer's name from its type. */
const BASE_NAMES = {
  conv2d: 'conv2d',
  maxPooling2d: 'max_pooling2d',
  flatten: 'flatten',
  dense: 'dense',
} as const;

/**
 * Infers all shapes and names.
 * @param convolution  the algorithm of its convolutions
 * @throws OptionError if there is no input shape, layers do not fit each other, or two have the same name
 */
export function buildNetwork(specs: readonly LayerSpec[], convolution: ConvolutionChoice = 'auto'): Network {
  const inputShape = specs[0]?.inputShape;
  if (inputShape?.length !== 3) {
    throw new OptionError(
      inputShape
        ? `The inputShape [${inputShape.join(', ')}] is not [height, width, channels]; for vectors, begin with flatten({ inputShape: [1, 1, length] }).`
        : 'The first layer needs an inputShape: [height, width, channels] of the images.',
    );
  }
  const names = assignNames(specs);
  const layers: Layer[] = [];
  let shape: Shape = inputShape;
  specs.forEach((spec, i) => {
    const name = names[i]!;
    if (i < specs.length - 1 && 'activation' in spec && spec.activation === 'softmax') {
      throw new OptionError(`Layer "${name}": softmax is for the last layer only.`);
    }
    const layer = buildLayer(spec, name, shape, convolution);
    layers.push(layer);
    shape = layer.outputShape;
  });
  const weights = layers.flatMap((layer) =>
    layer.weights.map((weight) => ({ name: `${layer.name}/${weight.name}`, shape: weight.shape })),
  );
  return {
    // The name stands second whether it was given or not, so that the same network has the same JSON.
    specs: specs.map((spec, i) => Object.assign({ type: spec.type, name: '' }, spec, { name: names[i]! })),
    inputShape: inputShape as unknown as Network['inputShape'],
    layers,
    weights,
    parameterCount: weights.reduce((sum, weight) => sum + size(weight.shape), 0),
  };
}

function buildLayer(spec: LayerSpec, name: string, input: Shape, convolution: ConvolutionChoice): Layer {
  if ((spec.type === 'conv2d' || spec.type === 'maxPooling2d') && input.length !== 3) {
    throw new OptionError(
      `Layer "${name}": ${spec.type} takes images, but its input is flat. Put it before flatten.`,
    );
  }
  if (spec.type === 'dense' && input.length !== 1) {
    throw new OptionError(
      `Layer "${name}": dense takes vectors, but its input is [${input.join(', ')}]. Put flatten() before it.`,
    );
  }
  switch (spec.type) {
    case 'conv2d':
      return conv2dLayer({ ...spec, name }, input, convolution);
    case 'maxPooling2d':
      return maxPooling2dLayer({ ...spec, name }, input);
    case 'flatten':
      return flattenLayer(name, input);
    case 'dense':
      return denseLayer({ ...spec, name }, input);
  }
}

function assignNames(specs: readonly LayerSpec[]): string[] {
  const counts = new Map<string, number>();
  const names = specs.map((spec) => {
    const base = BASE_NAMES[spec.type];
    const count = counts.get(base) ?? 0;
    counts.set(base, count + 1);
    return spec.name ?? (count === 0 ? base : `${base}_${count}`);
  });
  names.forEach((name, i) => {
    if (names.indexOf(name) !== i)
      throw new OptionError(`Two layers are named "${name}": give one another name.`);
  });
  return names;
}
