/**
 * Just enough of the protocol-buffer encoding (protobuf.dev/programming-guides/encoding) for the messages of onnx/onnx.proto
 * that are used.
 */
import type { Tensor } from '../../src/nn/parameters.ts';

/** The encoded fields of a message. */
export type Message = readonly Uint8Array[];

const FLOAT = 1;
const INT64 = 7;
const ATTRIBUTE_FLOAT = 1;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_INTS = 7;

export function tensor(name: string, { shape, data }: Tensor): Message {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return [...shape.map((extent) => integer(1, extent)), integer(2, FLOAT), text(8, name), bytes(9, raw)];
}

/** A tensor [length] of 64-bit integers. */
export function integers(name: string, values: readonly number[]): Message {
  const raw = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return [integer(1, values.length), integer(2, INT64), text(8, name), bytes(9, raw)];
}

export function value(name: string, shape: readonly (string | number)[]): Message {
  const dimensions = shape.map((extent) =>
    message(1, [typeof extent === 'number' ? integer(1, extent) : text(2, extent)]),
  );
  return [text(1, name), message(2, [message(1, [integer(1, FLOAT), message(2, dimensions)])])];
}

export function ints(name: string, values: readonly number[]): Uint8Array {
  return message(5, [text(1, name), ...values.map((each) => integer(8, each)), integer(20, ATTRIBUTE_INTS)]);
}

export function float(name: string, each: number): Uint8Array {
  const little = new Uint8Array(Float32Array.of(each).buffer);
  const fixed = concatenate([Uint8Array.from(varint((2 << 3) | 5)), little]);
  return message(5, [text(1, name), fixed, integer(20, ATTRIBUTE_FLOAT)]);
}

export function int(name: string, each: number): Uint8Array {
  return message(5, [text(1, name), integer(3, each), integer(20, ATTRIBUTE_INT)]);
}

export function integer(field: number, each: number): Uint8Array {
  return Uint8Array.from([...varint(field << 3), ...varint(each)]);
}

export function text(field: number, each: string): Uint8Array {
  return bytes(field, new TextEncoder().encode(each));
}

export function message(field: number, parts: Message): Uint8Array {
  return bytes(field, concatenate(parts));
}

export function bytes(field: number, content: Uint8Array): Uint8Array {
  return concatenate([Uint8Array.from([...varint((field << 3) | 2), ...varint(content.length)]), content]);
}

function varint(each: number): number[] {
  const groups: number[] = [];
  for (; each > 127; each = Math.floor(each / 128)) groups.push((each % 128) + 128);
  return [...groups, each];
}

export function concatenate(parts: Message): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
