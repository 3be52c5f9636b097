/**
 * An ONNX model as plain values: what of its protobuf message a network needs.
 * Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */

/**
 * Integers are numbers here: those of shapes and axes are small. What is beyond ±(2^53 − 1) becomes that when it is read: slices
 * have the largest of 64 bits for "to the end".
 */
export type OnnxData = Float32Array | Float64Array | Int32Array | Uint8Array | Int8Array | readonly number[];

/** The element types that are read, as NumPy calls them; `int64` and `bool` have plain numbers for data. */
export type OnnxType =
  'float32' | 'float64' | 'float16' | 'int32' | 'int64' | 'uint8' | 'int8' | 'bool' | 'string';

/** Row-major; `[]` is a scalar. */
export interface OnnxTensor {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly number[];
  /** `float16` is widened to float32. */
  readonly data: OnnxData;
}

/**
 * What a node is set to. Graphs, which control flow has, are not read: they are `other`. In a function, a `reference` is what its
 * node has for the attribute of that name.
 */
export type OnnxAttribute =
  | { readonly kind: 'int' | 'float'; readonly value: number }
  | { readonly kind: 'string' | 'reference'; readonly value: string }
  | { readonly kind: 'ints' | 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'tensor'; readonly value: OnnxTensor }
  | { readonly kind: 'other' };

export interface OnnxNode {
  /** May be empty. */
  readonly name: string;
  /** Such as "Conv". */
  readonly op: string;
  /** Empty for ONNX' own operators. */
  readonly domain: string;
  /** Names of values; empty for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

/** An input or an output of the graph. */
export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxType;
  /** A name for an extent that is up to whoever runs it, such as "batch". */
  readonly shape: readonly (number | string)[];
}

/** A graph of ONNX, or, as a function of the model, what the nodes of its name stand for. */
export interface OnnxGraph {
  readonly name: string;
  /** Each behind those whose outputs it takes, as ONNX wants it; but not all programs write them so. */
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

export interface OnnxFunction {
  readonly name: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** The names of the attributes that its nodes may refer to. */
  readonly attributes: readonly string[];
  /** Those that a node may leave out, and what they are then. */
  readonly defaults?: ReadonlyMap<string, OnnxAttribute>;
  readonly nodes: readonly OnnxNode[];
}

export interface OnnxModel {
  readonly irVersion: number;
  /** The version of each domain; '' is that of ONNX' own operators. */
  readonly opsets: ReadonlyMap<string, number>;
  /** The program that wrote it. */
  readonly producer: string;
  readonly graph: OnnxGraph;
  readonly functions: readonly OnnxFunction[];
  readonly metadata: ReadonlyMap<string, string>;
}
