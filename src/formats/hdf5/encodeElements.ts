/** Numbers and texts as they are written: their datatype, and their bytes. */
import type { HeapWriter } from './encodeHeap.ts';
import { VARIABLE_BYTES } from './datatype.ts';
import type { H5Numbers } from './hdf5.ts';
import { concatenated, Writer } from './sink.ts';

/** What a message says of elements, and the elements. */
export interface Elements {
  readonly datatype: Uint8Array;
  readonly data: Uint8Array;
}

/** Classes of datatypes, with their version. */
const FIXED_POINT = 0x10;
const FLOATING_POINT = 0x11;
const ENUMERATION = 0x18;
const VARIABLE_LENGTH = 0x19;

const SIGNED = 0x08;

export function encodeNumbers(data: H5Numbers): Elements {
  return {
    datatype: datatypeOf(data),
    data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

function datatypeOf(data: H5Numbers): Uint8Array {
  const size = data.BYTES_PER_ELEMENT;
  if (data instanceof Float32Array) return floatingPoint(size, 23, 8, 127);
  if (data instanceof Float64Array) return floatingPoint(size, 52, 11, 1023);
  const signed =
    data instanceof Int8Array ||
    data instanceof Int16Array ||
    data instanceof Int32Array ||
    data instanceof BigInt64Array;
  return fixedPoint(size, signed);
}

function fixedPoint(size: number, signed: boolean): Uint8Array {
  return new Writer(12)
    .u8(FIXED_POINT, signed ? SIGNED : 0, 0, 0)
    .u32(size)
    .u16(0, 8 * size).bytes;
}

/** Little-endian, with a leading one that is not stored. */
function floatingPoint(
  size: number,
  mantissaBits: number,
  exponentBits: number,
  exponentBias: number,
): Uint8Array {
  const signAt = 8 * size - 1;
  return new Writer(20)
    .u8(FLOATING_POINT, 0x20, signAt, 0)
    .u32(size)
    .u16(0, 8 * size)
    .u8(mantissaBits, exponentBits, 0, mantissaBits)
    .u32(exponentBias).bytes;
}

/** As h5py writes it: a byte with two names. */
export function encodeBoolean(value: boolean): Elements {
  const names = new Writer(16).ascii('FALSE\0\0\0TRUE').bytes;
  const head = new Writer(8).u8(ENUMERATION, 2, 0, 0).u32(1).bytes;
  return {
    datatype: concatenated(head, fixedPoint(1, true), names, Uint8Array.of(0, 1)),
    data: Uint8Array.of(Number(value)),
  };
}

/** Of variable length, in UTF-8. */
export function encodeTexts(texts: readonly string[], heap: HeapWriter): Elements {
  const head = new Writer(8).u8(VARIABLE_LENGTH, 1, 1, 0).u32(VARIABLE_BYTES).bytes;
  const data = new Writer(VARIABLE_BYTES * texts.length);
  const encoder = new TextEncoder();
  for (const text of texts) {
    const { length, address, index } = heap.add(encoder.encode(text));
    data.u32(length).u64(address).u32(index);
  }
  return { datatype: concatenated(head, fixedPoint(1, false)), data: data.bytes };
}
