/**
 * ONNX models as bytes. The numbers are those of the fields in the messages of
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import { PbfWriter } from 'pbf';
import { FormatError } from '../../errors.ts';
import type {
  OnnxAttribute,
  OnnxFunction,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
  OnnxType,
  OnnxValue,
} from './model.ts';

/**
 * The file of a model.
 * @throws FormatError for tensors of float16 or of strings, and attributes of kind `other`: they can only be read
 */
export function encodeOnnx(model: OnnxModel): Uint8Array<ArrayBuffer> {
  const writer = new PbfWriter();
  writeModel(model, writer);
  return Uint8Array.from(writer.finish());
}

function writeModel(model: OnnxModel, to: PbfWriter): void {
  to.writeVarintField(1, model.irVersion);
  to.writeStringField(2, model.producer);
  to.writeMessage(7, writeGraph, model.graph);
  for (const opset of model.opsets) to.writeMessage(8, writeOpset, opset);
  for (const property of model.metadata) to.writeMessage(14, writeProperty, property);
  for (const each of model.functions) to.writeMessage(25, writeFunction, { ...each, opsets: model.opsets });
}

function writeOpset([domain, version]: readonly [string, number], to: PbfWriter): void {
  to.writeStringField(1, domain);
  to.writeVarintField(2, version);
}

function writeProperty([key, value]: readonly [string, string], to: PbfWriter): void {
  to.writeStringField(1, key);
  to.writeStringField(2, value);
}

function writeGraph(graph: OnnxGraph, to: PbfWriter): void {
  for (const node of graph.nodes) to.writeMessage(1, writeNode, node);
  to.writeStringField(2, graph.name);
  for (const tensor of graph.initializers) to.writeMessage(5, writeTensor, tensor);
  for (const value of graph.inputs) to.writeMessage(11, writeValue, value);
  for (const value of graph.outputs) to.writeMessage(12, writeValue, value);
}

/** A function has opsets of its own: those of its model. */
function writeFunction(each: OnnxFunction & Pick<OnnxModel, 'opsets'>, to: PbfWriter): void {
  to.writeStringField(1, each.name);
  for (const name of each.inputs) to.writeStringField(4, name);
  for (const name of each.outputs) to.writeStringField(5, name);
  for (const name of each.attributes) to.writeStringField(6, name);
  for (const node of each.nodes) to.writeMessage(7, writeNode, node);
  for (const opset of each.opsets) to.writeMessage(9, writeOpset, opset);
  to.writeStringField(10, each.domain);
  for (const attribute of each.defaults ?? []) to.writeMessage(11, writeAttribute, attribute);
}

function writeNode(node: OnnxNode, to: PbfWriter): void {
  for (const name of node.inputs) to.writeStringField(1, name);
  for (const name of node.outputs) to.writeStringField(2, name);
  to.writeStringField(3, node.name);
  to.writeStringField(4, node.op);
  for (const attribute of node.attributes) to.writeMessage(5, writeAttribute, attribute);
  to.writeStringField(7, node.domain);
}

/** What the type of an attribute is called in its field 20. */
const KINDS = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7, strings: 8 } as const;

function writeAttribute([name, attribute]: readonly [string, OnnxAttribute], to: PbfWriter): void {
  to.writeStringField(1, name);
  switch (attribute.kind) {
    case 'float':
      to.writeFloatField(2, attribute.value);
      break;
    case 'int':
      to.writeVarintField(3, attribute.value);
      break;
    case 'string':
      to.writeStringField(4, attribute.value);
      break;
    case 'tensor':
      to.writeMessage(5, writeTensor, attribute.value);
      break;
    case 'floats':
      for (const value of attribute.value) to.writeFloatField(7, value);
      break;
    case 'ints':
      for (const value of attribute.value) to.writeVarintField(8, value);
      break;
    case 'strings':
      for (const value of attribute.value) to.writeStringField(9, value);
      break;
    case 'reference':
    case 'other':
      throw new FormatError(`The attribute "${name}" is of a kind that is not written to ONNX.`);
  }
  to.writeVarintField(20, KINDS[attribute.kind]);
}

/** The numbers of the element types. */
const TYPES: Readonly<Record<OnnxType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
};

function writeTensor(tensor: OnnxTensor, to: PbfWriter): void {
  for (const extent of tensor.shape) to.writeVarintField(1, extent);
  to.writeVarintField(2, TYPES[tensor.type]);
  to.writeStringField(8, tensor.name);
  to.writeBytesField(9, rawData(tensor));
}

/** Little-endian, as the machines are that there is WebAssembly for. */
function rawData({ name, type, data }: OnnxTensor): Uint8Array {
  const array = arrayOf(type, data);
  if (array) return new Uint8Array(array.buffer);
  throw new FormatError(`The tensor "${name}" is of type ${type}, which is not written to ONNX.`);
}

/** A copy of the numbers in memory as the type has them; undefined for types that are only read. */
function arrayOf(type: OnnxType, data: OnnxTensor['data']) {
  switch (type) {
    case 'float32':
      return new Float32Array(data);
    case 'float64':
      return new Float64Array(data);
    case 'int32':
      return new Int32Array(data);
    case 'int64':
      return BigInt64Array.from(data as readonly number[], BigInt);
    case 'uint8':
    case 'bool':
      return new Uint8Array(data);
    case 'int8':
      return new Int8Array(data);
    case 'float16':
    case 'string':
      return undefined;
  }
}

function writeValue({ name, type, shape }: OnnxValue, to: PbfWriter): void {
  to.writeStringField(1, name);
  to.writeMessage(2, writeType, { type, shape });
}

function writeType(value: Pick<OnnxValue, 'type' | 'shape'>, to: PbfWriter): void {
  to.writeMessage(1, writeTensorType, value);
}

function writeTensorType({ type, shape }: Pick<OnnxValue, 'type' | 'shape'>, to: PbfWriter): void {
  to.writeVarintField(1, TYPES[type]);
  to.writeMessage(2, writeShape, shape);
}

function writeShape(shape: OnnxValue['shape'], to: PbfWriter): void {
  for (const extent of shape) to.writeMessage(1, writeExtent, extent);
}

function writeExtent(extent: number | string, to: PbfWriter): void {
  if (typeof extent === 'number') to.writeVarintField(1, extent);
  else to.writeStringField(2, extent);
}
