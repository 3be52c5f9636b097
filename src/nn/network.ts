import { OptionError } from '../errors.ts';
import { MAX_VALUES } from '../limits.ts';
import type { Node } from './graph.ts';
import { baseNameOf, definitionOf, type LayerDefinition, type Spec } from './layers/definition.ts';
import { weightName, type Layer, type WeightSpec } from './layers/layer.ts';
import type { ConvolutionChoice } from './operations/convolutionAlgorithm.ts';
import type { PixelScale } from './pixelScale.ts';
import { size, type Shape } from './shape.ts';
import type { LayerSpec } from './spec.ts';
import { IMAGES } from './symbolic.ts';

/** A tensor of the network, named as Keras names it: "conv2d_1/kernel". */
export interface NamedWeight extends Omit<WeightSpec, 'trainable'> {
  /** Whether it is trained: a state is not, and no weight of a layer that is not trainable. */
  readonly trained: boolean;
  /** Whether it is a state, such as a running mean. */
  readonly state: boolean;
}

/** A network with all its shapes known. */
export interface Network {
  /** The specs with every name filled in: enough to build the same network again. */
  readonly specs: readonly LayerSpec[];
  readonly inputShape: readonly [height: number, width: number, channels: number];
  /** What the largest byte of an image becomes. */
  readonly pixelScale: PixelScale;
  /** In an order in which each stands behind all whose outputs it takes; the last one's output is the network's. */
  readonly layers: readonly Layer[];
  /** What each layer takes: names of layers, or {@link IMAGES}. */
  readonly inputs: readonly (readonly string[])[];
  readonly weights: readonly NamedWeight[];
  readonly parameterCount: number;
  readonly outputShape: Shape;
}

/**
 * Infers all shapes and names.
 * @param convolution  the algorithm of its convolutions
 * @param pixelScale  what the largest byte of an image becomes
 * @throws OptionError if there is no input shape, layers do not fit each other or in memory, or two have the same name
 */
export function buildNetwork(
  specs: readonly Spec[],
  convolution: ConvolutionChoice = 'auto',
  pixelScale: PixelScale = 1,
): Network {
  const inputShape = inputShapeOf(specs);
  const names = assignNames(specs);
  const shapes = new Map<string, Shape>([[IMAGES, inputShape]]);
  const inputs = specs.map((spec, i) => spec.inputs ?? [names[i - 1] ?? IMAGES]);
  const layers = specs.map((spec, i): Layer => {
    const name = names[i]!;
    const inputShapes = inputs[i]!.map((input) => shapeOf(shapes, input, name));
    const definition = definitionOf(spec);
    mustTake(definition, inputShapes.length, name);
    mustAgree(spec, inputShapes, name);
    const trainable = spec.trainable ?? true;
    const built = definition.build(spec, { name, inputShapes, trainable, convolution });
    shapes.set(name, built.outputShape);
    return { type: spec.type, name, trainable, inputShapes, weights: [], ...built };
  });
  mustAllCount(names, inputs);
  const weights = layers.flatMap((layer) =>
    layer.weights.map(({ trainable = true, ...weight }): NamedWeight => {
      const trained = trainable && layer.trainable;
      return { ...weight, name: weightName(layer.name, weight.name), trained, state: !trainable };
    }),
  );
  const parameterCount = weights.reduce((sum, weight) => sum + size(weight.shape), 0);
  for (const [what, shape] of shapes.set('all weights', [parameterCount])) {
    if (size(shape) <= MAX_VALUES) continue;
    throw new OptionError(
      `The network needs ${size(shape)} numbers for "${what}", more than the 4 GiB of WebAssembly.`,
    );
  }
  return {
    specs: specs.map((spec, i) => inOrder({ ...spec, name: names[i]! })) as LayerSpec[],
    inputShape: inputShape as unknown as Network['inputShape'],
    pixelScale,
    layers,
    inputs,
    weights,
    parameterCount,
    outputShape: layers.at(-1)!.outputShape,
  };
}

/**
 * What all layers may have stands in front, in the order in which it is read, whether it was given or added: so the same
 * network always has the same JSON.
 */
function inOrder(spec: Spec): Spec {
  const { type, name, inputShape, trainable, inputs } = spec;
  const given = Object.entries({ type, name, inputShape, trainable, inputs }).filter(
    ([, value]) => value !== undefined,
  );
  return Object.assign(Object.fromEntries(given), spec);
}

/** Whether each layer takes the output of the one before it, and nothing else. */
export function isChain({ layers, inputs }: Network): boolean {
  return inputs.every((taken, i) => taken.length === 1 && taken[0] === (layers[i - 1]?.name ?? IMAGES));
}

/** A network taken apart: its operations, and the value that is its output. */
export interface Graph {
  readonly nodes: readonly Node[];
  readonly output: string;
}

/** @param training  whether for training: some layers do something else then */
export function graphOf({ layers, inputs }: Network, training: boolean): Graph {
  /** The value that holds a layer's output. */
  const values = new Map([[IMAGES, IMAGES]]);
  const nodes = layers.flatMap((layer, i): Node[] => {
    const operations = layer.operations(training);
    let taken: readonly string[] = inputs[i]!.map((input) => values.get(input)!);
    values.set(layer.name, operations.length > 0 ? layer.name : taken[0]!);
    return operations.map((operation, j) => {
      // Layers' names have no colon.
      const value = j === operations.length - 1 ? layer.name : `${layer.name}:${j}`;
      const node = { operation, inputs: taken, value };
      taken = [value];
      return node;
    });
  });
  return { nodes, output: values.get(layers.at(-1)!.name)! };
}

function inputShapeOf(specs: readonly Spec[]): Shape {
  const inputShape = specs[0]?.inputShape;
  if (inputShape?.length === 3) return inputShape;
  throw new OptionError(
    inputShape
      ? `The inputShape [${inputShape.join(', ')}] is not [height, width, channels]; for vectors, begin with flatten({ inputShape: [1, 1, length] }).`
      : 'The first layer needs an inputShape: [height, width, channels] of the images.',
  );
}

function shapeOf(shapes: ReadonlyMap<string, Shape>, input: string, name: string): Shape {
  const shape = shapes.get(input);
  if (shape) return shape;
  throw new OptionError(
    `Layer "${name}": its input "${input}" is no layer before it. Layers stand behind those that they take.`,
  );
}

/** @throws OptionError if a layer that takes one input has none or several, or one that takes several has none */
function mustTake({ type, inputs }: LayerDefinition, count: number, name: string): void {
  if (inputs === 'one' ? count === 1 : count > 0) return;
  throw new OptionError(`Layer "${name}": ${type} has ${count} inputs, but takes ${inputs}.`);
}

/** @throws OptionError if a layer was given another inputShape than its input has */
function mustAgree({ inputShape }: Spec, [actual]: readonly Shape[], name: string): void {
  if (!inputShape || inputShape.join() === actual!.join()) return;
  throw new OptionError(
    `Layer "${name}": its inputShape is [${inputShape.join(', ')}], but its input is [${actual!.join(', ')}].`,
  );
}

/** @throws OptionError if the output of a layer other than the last goes nowhere */
function mustAllCount(names: readonly string[], inputs: readonly (readonly string[])[]): void {
  const used = new Set(inputs.flat());
  const idle = names.slice(0, -1).find((name) => !used.has(name));
  if (idle === undefined) return;
  throw new OptionError(
    `Layer "${idle}": no layer takes its output. A network has one output, that of its last layer.`,
  );
}

/** The layers' names: those given, and for the others their type with a number, as Keras counts. @throws OptionError */
export function assignNames(specs: readonly Spec[]): string[] {
  const counts = new Map<string, number>();
  const names = specs.map((spec) => {
    const base = baseNameOf(spec.type);
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
