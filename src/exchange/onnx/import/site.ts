/** A node that is being read, with its inputs: what operators ask, and how they answer. */
import { FormatError } from '../../../errors.ts';
import type { OnnxAttribute, OnnxNode } from '../../../formats/onnx/model.ts';
import { quoted } from '../../../quoted.ts';
import type { Tensor } from '../../../nn/parameters.ts';
import type { Shape } from '../../../nn/shape.ts';
import { extentOf, isStored, mapOf, storedOrder } from './axes.ts';
import { shortest } from './decimal.ts';
import { AFFINE, PART, type Layers } from './layers.ts';
import { nameHint } from './names.ts';
import type { Constant, Element, Feature, Origin, Value } from './value.ts';

/** Characters of names in messages: they are made for every node. */
const MOST_OF_A_NAME = 200;

/** What all nodes of a graph share. */
export interface Graph {
  readonly fileName: string;
  /** The version of ONNX' own operators. */
  readonly opset: number;
  /** How many images a batch has, if the file fixes it. */
  readonly batch: number | undefined;
  readonly layers: Layers;
  /** @throws FormatError if numbers that are computed while reading become too many */
  charge(count: number): void;
}

/** A layer's output that is laid out as an operator wants it. */
export interface Arranged {
  readonly layer: number;
  readonly shape: Shape;
}

export class Site {
  readonly graph: Graph;
  readonly node: OnnxNode;
  readonly inputs: readonly (Value | undefined)[];

  constructor(graph: Graph, node: OnnxNode, inputs: readonly (Value | undefined)[]) {
    this.graph = graph;
    this.node = node;
    this.inputs = inputs;
  }

  /** For messages: the file, the node and its operator. */
  get where(): string {
    const { name, op, outputs } = this.node;
    const called = (name || (outputs[0] ?? '')).slice(0, MOST_OF_A_NAME);
    return `${this.graph.fileName}: the node ${quoted(called)} (${op.slice(0, MOST_OF_A_NAME)})`;
  }

  /** @param what  is wrong with the node, and what would work */
  refused(what: string): FormatError {
    return new FormatError(`${this.where}: ${what}`);
  }

  int(name: string, usual: number): number {
    const found = this.#attribute(name, 'int');
    return found === undefined ? usual : (found as number);
  }

  /** As the shortest decimal of its 32 bits: 0.2 rather than 0.20000000298. */
  float(name: string, usual: number): number {
    const found = this.#attribute(name, 'float');
    return found === undefined ? usual : shortest(found as number);
  }

  text(name: string, usual: string): string {
    const found = this.#attribute(name, 'string');
    return found === undefined ? usual : (found as string);
  }

  ints(name: string): readonly number[] | undefined {
    return this.#attribute(name, 'ints') as readonly number[] | undefined;
  }

  attribute(name: string): OnnxAttribute | undefined {
    return this.node.attributes.get(name);
  }

  #attribute(name: string, kind: OnnxAttribute['kind']): unknown {
    const found = this.node.attributes.get(name);
    if (found === undefined) return undefined;
    if (found.kind !== kind) throw this.refused(`its ${name} is no ${kind}: the file is damaged.`);
    return 'value' in found ? found.value : undefined;
  }

  /** The input at a place, as what the network computes. @throws FormatError if it is a constant or not there */
  feature(at: number): Feature {
    const value = this.inputs[at];
    if (value?.kind === 'feature') return value;
    throw this.refused(
      `its input ${quoted(this.node.inputs[at] ?? at)} must depend on the image, but ${value ? 'is a constant' : 'is not there'}.`,
    );
  }

  /** The same as a constant, if it is there. @throws FormatError if the network computes it */
  constant(at: number): Constant | undefined {
    const value = this.inputs[at];
    if (value?.kind !== 'feature') return value;
    throw this.refused(
      `its input ${quoted(this.node.inputs[at])} is computed from the image, and must be a constant: ` +
        'export the model with its weights, folded and in evaluation mode.',
    );
  }

  /** The numbers of a constant input, if it is there. @throws FormatError also if the size of the batch is among them */
  numbers(at: number): readonly number[] | undefined {
    const value = this.constant(at);
    if (!value) return undefined;
    this.graph.charge(value.data.length);
    return Array.from(value.data, (element) => this.number(element));
  }

  /** @throws FormatError if it is the size of the batch */
  number(element: Element): number {
    if (typeof element === 'number') return element;
    throw this.refused(
      'it computes with the number of images in a batch, which only shapes can: export with a batch of 1.',
    );
  }

  /** The one number of an input, if it is there. */
  scalar(at: number): number | undefined {
    const values = this.numbers(at);
    if (values && values.length !== 1) {
      throw this.refused(
        `its input ${quoted(this.node.inputs[at])} must be one number, and has ${values.length}.`,
      );
    }
    return values && shortest(values[0]!);
  }

  /** An axis counted from the front. @throws FormatError if there is none such */
  axis(axis: number, rank: number): number {
    const counted = axis < 0 ? axis + rank : axis;
    if (Number.isInteger(counted) && counted >= 0 && counted < rank) return counted;
    throw this.refused(`there is no axis ${axis} among the ${rank} of its input.`);
  }

  /** Adds a layer for this node. @param shape  of what is no layer yet */
  layer(
    type: string,
    inputs: readonly number[],
    options: Readonly<Record<string, unknown>> = {},
    weights: Readonly<Record<string, Tensor>> = {},
    shape?: Shape,
  ): number {
    const { where } = this;
    return this.graph.layers.add({
      type,
      inputs,
      options,
      weights,
      hint: nameHint(this.node),
      where,
      ...(shape && { shape }),
    });
  }

  /** The output of a new layer that has the shape of its input. */
  elementwise(
    type: string,
    input: Feature,
    options: Readonly<Record<string, unknown>> = {},
    origin: Origin = { op: this.node.op, input },
  ): Feature {
    return { ...input, layer: this.layer(type, [input.layer], options), origin };
  }

  /** The same of several inputs with the same map. */
  elementwiseOf(type: string, inputs: readonly [Feature, ...Feature[]]): Feature {
    const layers = inputs.map(({ layer }) => layer);
    return { ...inputs[0], layer: this.layer(type, layers), origin: { op: this.node.op, input: inputs[0] } };
  }

  activation(name: string, input: Feature, origin?: Origin): Feature {
    return this.elementwise('activation', input, { activation: name }, origin);
  }

  /** input · scale + offset, each a number or one for every channel. */
  affine(input: Feature, scale: readonly number[], offset: readonly number[], origin?: Origin): Feature {
    this.graph.charge(scale.length + offset.length);
    return this.elementwise(AFFINE, input, { scale, offset }, origin);
  }

  /**
   * input · factor, which patterns look through.
   * @param rounding  by how much of itself the factor may be off, if that is more than 32 bits are
   */
  scaled(input: Feature, factor: number, rounding?: number): Feature {
    if (factor === 1) return input;
    return this.affine(input, [factor], [0], { op: 'Scale', number: factor, rounding, input });
  }

  /** What is not computed by any layer, unless a pattern that it is part of is recognised. */
  part(input: Feature, origin: Origin): Feature {
    return this.elementwise(PART, input, {}, origin);
  }

  /** The output of a layer: its axis `i` is the axis `order[i]` of ONNX. */
  output(layer: number, order: readonly number[]): Feature {
    return { kind: 'feature', layer, ...mapOf(this.graph.layers.shapeOf(layer), order) };
  }

  /**
   * A value laid out along axes of ONNX: images along [2, 3, 1], for instance.
   * @throws FormatError if that is not the order in which it lies in memory
   */
  arranged(value: Feature, order: readonly number[]): Arranged {
    if (value.axes[0] !== 'batch') {
      throw this.refused('its first axis must be that of the images in a batch.');
    }
    if (!isStored(value, order)) {
      throw this.refused(
        'it takes values in another order than channels-last, after a Reshape, Flatten or Transpose that mixes channels and pixels. ' +
          'Only a Gemm or MatMul can follow those, with activations, BatchNormalization and Concat between.',
      );
    }
    const shape = order.map((axis) => extentOf(value, axis) as number);
    return { layer: this.graph.layers.reshaped(value.layer, shape, this.where), shape };
  }

  /** Images [height, width, channels] of a value [batch, channels, height, width]. @throws FormatError if it is none */
  images(value: Feature): Arranged {
    if (value.axes.length !== 4) {
      throw this.refused(
        `its input has ${value.axes.length} axes; only images with two dimensions are supported, [batch, channels, height, width].`,
      );
    }
    return this.arranged(value, CHANNELS_FIRST);
  }

  /** A value along its axes as they lie in memory. */
  stored(value: Feature): Arranged & { readonly order: readonly number[] } {
    const order = storedOrder(value);
    return { ...this.arranged(value, order), order };
  }
}

/** Where height, width and channels are in ONNX. */
export const CHANNELS_FIRST = [2, 3, 1];
