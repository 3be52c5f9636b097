/** What the values of an ONNX graph are while it is imported: known numbers, or tensors that the network will compute. */
import type { OnnxType } from '../../../formats/onnx/model.ts';

/** So many times the number of images in a batch, which is not known. */
export interface BatchExtent {
  readonly times: number;
}

/** A number of a constant. */
export type Element = number | BatchExtent;

/** A tensor that is known without an image: a weight, a setting, or a shape that the graph computes. */
export interface Constant {
  readonly kind: 'constant';
  readonly type: OnnxType;
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: ArrayLike<Element>;
}

/** An axis of a tensor in ONNX: that of the images in a batch, or the factors that it runs over, the slowest first. */
export type Axis = 'batch' | readonly number[];

/**
 * A tensor that the network computes. The network keeps it in an order of its own, in which channels are last; so a value has a
 * map to the axes that it has in ONNX, and to transpose or reshape it there changes nothing but the map.
 */
export interface Feature {
  readonly kind: 'feature';
  /** The layer whose output it is: a number of {@link Layers}. */
  readonly layer: number;
  /** Extents of what lies in memory for an image, row-major: those of the layer's output, or finer. */
  readonly factors: readonly number[];
  readonly axes: readonly Axis[];
  /**
   * Of vectors in an order that no factors say, several flattened images one behind the other: where each value of ONNX' lies. They
   * have one factor.
   */
  readonly places?: Int32Array | undefined;
  /** What it was computed from, by which patterns of several operators are recognised. */
  readonly origin?: Origin | undefined;
}

export interface Origin {
  /** An operator, or what several of them come to. */
  readonly op: string;
  /** What its input is multiplied by, or what is added to it. */
  readonly number?: number;
  /** By how much of itself the number may be off, if the file has it in 16 bits. */
  readonly rounding?: number | undefined;
  readonly input: Feature | undefined;
}

export type Value = Constant | Feature;

/** A constant of numbers. */
export function constant(type: OnnxType, shape: readonly number[], data: ArrayLike<Element>): Constant {
  return { kind: 'constant', type, shape, data };
}

/** A list of whole numbers, such as a shape. */
export function integers(data: readonly Element[]): Constant {
  return constant('int64', [data.length], data);
}

/** How many numbers it has. */
export function count(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
