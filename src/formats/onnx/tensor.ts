/** Tensors of ONNX: the message `TensorProto`, whose values are in the message as bytes or as numbers, or in a file beside it. */
import { FormatError } from '../../errors.ts';
import { MAX_RANK } from '../../limits.ts';
import { product } from '../../product.ts';
import { quoted } from '../../quoted.ts';
import { besideName } from '../besideName.ts';
import { float16ToFloat32 } from '../float16.ts';
import { Message, saturated } from './message.ts';
import type { OnnxData, OnnxTensor, OnnxType } from './model.ts';

/** Where a tensor's values are, if they are in another file. */
export interface ExternalTensor {
  /** Without its values yet. */
  readonly tensor: { -readonly [K in keyof OnnxTensor]: OnnxTensor[K] };
  /** A file in the model's folder, in the one spelling that it has. */
  readonly location: string;
  readonly offset: number;
  /** Bytes; undefined for as many as its shape takes. */
  readonly length: number | undefined;
}

/** `TensorProto.DataType` and the bytes that a value takes. */
const TYPES: ReadonlyMap<number, readonly [type: OnnxType, bytes: number]> = new Map([
  [1, ['float32', 4]],
  [2, ['uint8', 1]],
  [3, ['int8', 1]],
  [6, ['int32', 4]],
  [7, ['int64', 8]],
  [9, ['bool', 1]],
  [10, ['float16', 2]],
  [11, ['float64', 8]],
]);

const STRING = 8;

/** The others, for messages. */
const OTHER_TYPES: ReadonlyMap<number, string> = new Map([
  [4, 'uint16'],
  [5, 'int16'],
  [STRING, 'string'],
  [12, 'uint32'],
  [13, 'uint64'],
  [16, 'bfloat16'],
]);

/** @param what  for messages @throws FormatError for a type that is not read */
export function typeOf(code: number, what: string): OnnxType {
  if (code === STRING) return 'string';
  const found = TYPES.get(code);
  if (found) return found[0];
  throw new FormatError(
    `${what} has the type ${OTHER_TYPES.get(code) ?? `number ${code}`}, which is not supported: export the model with float32.`,
  );
}

/** What the message says, before it is checked. */
interface Claims {
  name: string;
  type: number;
  shape: number[];
  raw: Uint8Array | undefined;
  numbers: number[];
  isExternal: boolean;
  external: Map<string, string>;
}

/**
 * @param what  for messages, until the tensor's name is known: "model.onnx: the node …"
 * @param external  what is in another file is added to it
 * @throws FormatError if the values are not as many as the shape says
 */
export function readTensor(bytes: Uint8Array, what: string, external: ExternalTensor[]): OnnxTensor {
  const claims = readClaims(bytes, what);
  const { name, shape } = claims;
  const called = `${what}: tensor ${quoted(name)}`;
  const type = typeOf(claims.type, called);
  if (type === 'string') throw new FormatError(`${called} holds text, which no layer has a use for.`);
  if (shape.length > MAX_RANK)
    throw new FormatError(`${called} has ${shape.length} axes, more than any has.`);
  if (shape.some((extent) => extent < 0)) {
    throw new FormatError(`${called}: its shape [${shape.join(', ')}] has an extent below 0.`);
  }
  if (claims.isExternal) {
    const tensor = { name, type, shape, data: [] };
    external.push({ tensor, ...placeOf(claims.external, called) });
    return tensor;
  }
  const data = claims.raw ? valuesOf(type, claims.raw, called) : convert(type, claims.numbers);
  mustFill(shape, data.length, called);
  return { name, type, shape, data };
}

function readClaims(bytes: Uint8Array, what: string): Claims {
  const claims: Claims = {
    name: '',
    type: 0,
    shape: [],
    raw: undefined,
    numbers: [],
    isExternal: false,
    external: new Map(),
  };
  const message = new Message(bytes, `${what}: a tensor`);
  message.fields((field) => {
    if (field === 1) message.integers(claims.shape);
    else if (field === 2) claims.type = message.integer();
    else if (field === 4) message.floats(claims.numbers);
    else if (field === 5 || field === 7) message.integers(claims.numbers);
    else if (field === 8) claims.name = message.text();
    else if (field === 9) claims.raw = message.bytes();
    else if (field === 10) message.doubles(claims.numbers);
    else if (field === 13) claims.external.set(...readEntry(message.bytes(), what));
    else if (field === 14) claims.isExternal = message.integer() === 1;
  });
  return claims;
}

/** A `StringStringEntryProto`. */
export function readEntry(bytes: Uint8Array, what: string): [key: string, value: string] {
  const entry: [string, string] = ['', ''];
  const message = new Message(bytes, what);
  message.fields((field) => {
    if (field === 1 || field === 2) entry[field - 1] = message.text();
  });
  return entry;
}

/** @throws FormatError if it does not say where the values are, or that is out of the model's folder */
function placeOf(entries: ReadonlyMap<string, string>, called: string): Omit<ExternalTensor, 'tensor'> {
  const named = entries.get('location') ?? '';
  const location = besideName(named);
  if (location === undefined) {
    throw new FormatError(
      `${called}: its values are in the file ${quoted(named)}, which is not in the model's folder.`,
    );
  }
  const whole = (key: string): number | undefined => {
    const text = entries.get(key);
    if (text === undefined) return undefined;
    if (/^\d{1,15}$/.test(text)) return Number(text);
    throw new FormatError(
      `${called}: the ${key} of its values in ${quoted(location)} is ${quoted(text)}, no count of bytes.`,
    );
  };
  return { location, offset: whole('offset') ?? 0, length: whole('length') };
}

/** Gives a tensor its values. @param file  the bytes of the file that they are in @throws FormatError if they are not there */
export function fillExternal(external: ExternalTensor, file: Uint8Array, fileName: string): void {
  const { tensor, location, offset } = external;
  const called = `${fileName}: tensor ${quoted(tensor.name)}`;
  const needed = bytesOf(tensor);
  const length = external.length ?? needed;
  if (length !== needed) {
    throw new FormatError(
      `${called} of ${tensor.type} [${tensor.shape.join(', ')}] takes ${needed} bytes, but ${length} in ${quoted(location)} are for it.`,
    );
  }
  if (!(offset + length <= file.length)) {
    throw new FormatError(
      `${called}: its values should end at byte ${offset + length} of ${quoted(location)}, which has ${file.length}: ` +
        'it is cut short, or belongs to another model.',
    );
  }
  tensor.data = valuesOf(tensor.type, file.subarray(offset, offset + length), called);
}

/** Bytes that the values take. */
export function bytesOf({ type, shape }: Pick<OnnxTensor, 'type' | 'shape'>): number {
  return product(shape) * [...TYPES.values()].find(([name]) => name === type)![1];
}

function mustFill(shape: readonly number[], count: number, called: string): void {
  if (product(shape) === count) return;
  throw new FormatError(
    `${called} of the shape [${shape.join(', ')}] holds ${product(shape)} values, but ${count} are there.`,
  );
}

/** Little-endian values, as numbers. A copy: typed arrays need an offset that is a multiple of their elements. */
function valuesOf(type: OnnxType, bytes: Uint8Array, called: string): OnnxData {
  const size = bytesOf({ type, shape: [] });
  if (bytes.length % size !== 0) {
    throw new FormatError(`${called}: ${bytes.length} bytes are no whole number of values of ${type}.`);
  }
  const { buffer } = Uint8Array.from(bytes);
  switch (type) {
    case 'float32':
      return new Float32Array(buffer);
    case 'float64':
      return new Float64Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    case 'int8':
      return new Int8Array(buffer);
    case 'int64':
      return Array.from(new BigInt64Array(buffer), (value) => saturated(Number(value)));
    case 'float16':
      return Float32Array.from(new Uint16Array(buffer), float16ToFloat32);
    case 'bool':
      return [...new Uint8Array(buffer)];
    default:
      return new Uint8Array(buffer);
  }
}

/** Values that are in the message as numbers; half-precision ones as their bits. */
function convert(type: OnnxType, numbers: number[]): OnnxData {
  switch (type) {
    case 'float32':
      return Float32Array.from(numbers);
    case 'float64':
      return Float64Array.from(numbers);
    case 'int32':
      return Int32Array.from(numbers);
    case 'int8':
      return Int8Array.from(numbers);
    case 'uint8':
      return Uint8Array.from(numbers);
    case 'float16':
      return Float32Array.from(numbers, float16ToFloat32);
    default:
      return numbers;
  }
}
