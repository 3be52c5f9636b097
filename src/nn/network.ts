import { OptionError } from '../errors.ts';
import { activationNamed } from './activations/registry.ts';
import type { Node } from './graph.ts';
import { activationLayer } from './layers/activation.ts';
import type { ConvolutionChoice } from './layers/convolutionAlgorithm.ts';
import type { Spec } from './layers/definition.ts';
import type { Layer } from './layers/layer.ts';
import { layerDefinition } from './layers/registry.ts';
import { size, type Shape } from './shape.ts';
import type { LayerSpec } from './spec.ts';
import { IMAGES } from './symbolic.ts';

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
  /** In an order in which each stands behind all whose outputs it takes; the last one's output is the network's. */
  readonly layers: readonly Layer[];
  /** The layers with what they take, in the same order; activations that a layer does not apply itself follow it. */
  readonly nodes: readonly Node[];
  readonly weights: readonly NamedWeight[];
  readonly parameterCount: number;
}

/**
 * Infers all shapes and names.
 * @param convolution  the algorithm of its convolutions
 * @throws OptionError if there is no input shape, layers do not fit each other, or two have the same name
 */
export function buildNetwork(specs: readonly Spec[], convolution: ConvolutionChoice = 'auto'): Network {
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
  const shapes = new Map<string, Shape>([[IMAGES, inputShape]]);
  const nodes = specs.flatMap((spec, i): Node[] => {
    const name = names[i]!;
    const inputs = spec.inputs ?? [names[i - 1] ?? IMAGES];
    const layer = layerDefinition(spec.type)!.build(spec, {
      name,
      inputShapes: inputs.map((input) => shapeOf(shapes, input, name)),
      trainable: spec.trainable ?? true,
      convolution,
    });
    shapes.set(name, layer.outputShape);
    if (i < specs.length - 1 && layer.activation === 'softmax') {
      throw new OptionError(`Layer "${name}": softmax is for the last layer only.`);
    }
    layers.push(layer);
    return withActivation({ layer, inputs, value: name }, spec);
  });
  mustAllCount(nodes);
  const weights = layers.flatMap((layer) =>
    layer.weights.map((weight) => ({ name: `${layer.name}/${weight.name}`, shape: weight.shape })),
  );
  return {
    // The name stands second whether it was given or not, so that the same network has the same JSON.
    specs: specs.map((spec, i) =>
      Object.assign({ type: spec.type, name: '' }, spec, { name: names[i]! }),
    ) as unknown as LayerSpec[],
    inputShape: inputShape as unknown as Network['inputShape'],
    layers,
    nodes,
    weights,
    parameterCount: weights.reduce((sum, weight) => sum + size(weight.shape), 0),
  };
}

/** A layer, and the activation behind it if the layer does not apply it itself. */
function withActivation({ layer, inputs, value }: Node, spec: Spec): Node[] {
  const name = 'activation' in spec && spec.type !== 'activation' ? (spec.activation as string) : 'linear';
  if (name === 'linear' || layer.activation === name) return [{ layer, inputs, value }];
  // Layers' names have no colon.
  const before = `${value}:linear`;
  const activation = activationLayer('activation', value, layer.outputShape, activationNamed(name));
  return [
    { layer, inputs, value: before },
    { layer: activation, inputs: [before], value },
  ];
}

function shapeOf(shapes: ReadonlyMap<string, Shape>, input: string, name: string): Shape {
  const shape = shapes.get(input);
  if (shape) return shape;
  throw new OptionError(
    `Layer "${name}": its input "${input}" is no layer before it. Layers stand behind those that they take.`,
  );
}

/** @throws OptionError if the output of a layer other than the last goes nowhere */
function mustAllCount(nodes: readonly Node[]): void {
  const used = new Set(nodes.flatMap(({ inputs }) => inputs));
  const idle = nodes.slice(0, -1).find(({ value }) => !used.has(value));
  if (!idle) return;
  throw new OptionError(
    `Layer "${idle.value}": no layer takes its output. A network has one output, that of its last layer.`,
  );
}

/** The layers' names: those given, and for the others their type with a number, as Keras counts. @throws OptionError */
export function assignNames(specs: readonly Spec[]): string[] {
  const counts = new Map<string, number>();
  const names = specs.map((spec) => {
    const base = layerDefinition(spec.type)!.baseName;
    const count = counts.get(base) ?? 0;
    counts.set(base, count + 1);
    return spec.name ?? (count === 0 ? base : `${base}_${count}`);
  });
  const seen = new Set<string>([IMAGES]);
  for (const name of names) {
    if (seen.has(name)) {
      throw new OptionError(
        name === IMAGES
          ? `A layer is named "${IMAGES}", which stands for the network's input: give it another name.`
          : `Two layers are named "${name}": give one another name.`,
      );
    }
    seen.add(name);
  }
  return names;
}
