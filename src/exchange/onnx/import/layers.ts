/** The layers that stand for what has been read of a graph so far. */
import { FormatError, OptionError } from '../../../errors.ts';
import { MAX_LAYERS, MAX_VALUES } from '../../../limits.ts';
import { defined, type Spec } from '../../../nn/layers/definition.ts';
import { layerDefinition } from '../../../nn/layers/registry.ts';
import type { Tensor } from '../../../nn/parameters.ts';
import { size, type Shape } from '../../../nn/shape.ts';

/** The number that stands for the network's input among those of layers. */
export const INPUT = -1;

/** input · scale + offset, each a number or one for every channel: what becomes part of another layer, or `rescaling`. */
export const AFFINE = 'affine';

/** What no layer computes, but may be part of a pattern that one does. */
export const PART = 'part';

/** The mean, or the largest, of each row or column of images, which may be a part of that of all. */
export const LINES = 'lines';

/** Images with values below all numbers around them, which are not there for a maximum. */
export const LOWEST_PADDING = 'lowest padding';

export interface LayerNode {
  readonly type: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly inputs: readonly number[];
  readonly shape: Shape;
  /** By their own names: "kernel". */
  readonly weights: Readonly<Record<string, Tensor>>;
  /** What it may be called. */
  readonly hint: string;
  /** The node that it is for, for messages. */
  readonly where: string;
}

/** What a layer is made of; its shape is only given where no definition says it. */
export type NewLayer = Pick<LayerNode, 'type' | 'inputs' | 'hint' | 'where'> &
  Partial<Pick<LayerNode, 'options' | 'weights' | 'shape'>>;

export class Layers {
  readonly nodes: LayerNode[] = [];
  readonly inputShape: Shape;

  constructor(inputShape: Shape) {
    this.inputShape = inputShape;
  }

  shapeOf(layer: number): Shape {
    return layer === INPUT ? this.inputShape : this.nodes[layer]!.shape;
  }

  /** The number of a new layer. @throws FormatError if it does not fit its inputs, or there are too many */
  add(layer: NewLayer): number {
    if (this.nodes.length >= MAX_LAYERS * 4) {
      throw new FormatError(
        `${layer.where}: the graph has more than the ${MAX_LAYERS} layers that are read.`,
      );
    }
    const { type, inputs, options = {}, weights = {} } = layer;
    const inputShapes = inputs.map((input) => this.shapeOf(input));
    const shape =
      layer.shape ?? (type === AFFINE || type === PART ? inputShapes[0]! : builtShape(layer, inputShapes));
    if (size(shape) > MAX_VALUES) {
      throw new FormatError(`${layer.where}: [${shape.join(', ')}] is more than fits into memory.`);
    }
    return this.nodes.push({ ...layer, options, weights, shape }) - 1;
  }

  /** A layer's output as another shape of the same size, which costs nothing if it is its own. */
  reshaped(layer: number, shape: Shape, where: string): number {
    const own = this.shapeOf(layer);
    if (own.join() === shape.join()) return layer;
    const hint = shape.length === 1 ? 'flatten' : 'reshape';
    return shape.length === 1
      ? this.add({ type: 'flatten', inputs: [layer], hint, where })
      : this.add({ type: 'reshape', inputs: [layer], options: { targetShape: shape }, hint, where });
  }
}

/** @throws FormatError naming the node */
export function specOf(layer: Pick<NewLayer, 'type' | 'options' | 'where'>, more: object = {}): Spec {
  const definition = layerDefinition(layer.type)!;
  return typed(layer.where, () =>
    defined(definition.parse({ type: layer.type, ...layer.options, ...more }), definition),
  );
}

function builtShape(layer: NewLayer, inputShapes: readonly Shape[]): Shape {
  const spec = specOf(layer);
  return typed(layer.where, () => {
    const context = { name: layer.hint, inputShapes, trainable: true, convolution: 'auto' } as const;
    return layerDefinition(layer.type)!.build(spec, context).outputShape;
  });
}

/** What is wrong with an option is wrong with the file. */
function typed<T>(where: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new FormatError(`${where}: ${error.message}`, { cause: error });
  }
}
