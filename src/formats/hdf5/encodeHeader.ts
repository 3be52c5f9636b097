/** Object headers as they are written: version 1, all messages in one block. */
import { OptionError } from '../../errors.ts';
import { quoted } from '../../quoted.ts';
import { encodeBoolean, encodeNumbers, encodeTexts, type Elements } from './encodeElements.ts';
import type { HeapWriter } from './encodeHeap.ts';
import type { H5Value } from './hdf5.ts';
import { MESSAGE } from './objectHeader.ts';
import { concatenated, padded, Writer } from './sink.ts';

/** Of a message's content: its length is in 16 bits, and a multiple of eight. */
const MOST_MESSAGE_BYTES = 0xfff8;
const MOST_MESSAGES = 0xffff;

export function unfit(path: string, what: string): OptionError {
  return new OptionError(`not to be written as HDF5: ${quoted(path)} ${what}`);
}

export function encodeMessage(kind: number, content: Uint8Array): Uint8Array {
  const data = padded(content);
  return new Writer(8 + data.length).u16(kind, data.length).u32(0).put(data).bytes;
}

export function encodeHeader(messages: readonly Uint8Array[], path: string): Uint8Array {
  if (messages.length > MOST_MESSAGES)
    throw unfit(path, `has ${messages.length} attributes, more than 65,000`);
  const block = concatenated(...messages);
  const prefix = new Writer(16).u8(1, 0).u16(messages.length).u32(1, block.length).bytes;
  return concatenated(prefix, block);
}

export function encodeDataspace(shape: readonly number[]): Uint8Array {
  return new Writer(8 + 8 * shape.length)
    .u8(1, shape.length, 0, 0)
    .u32(0)
    .u64(...shape).bytes;
}

/** Version 2, type 2: no value at all. */
const NO_VALUE = Uint8Array.of(2, 0, 0, 2);

/** One message for each, in the order of the map. */
export function encodeAttributes(
  attributes: ReadonlyMap<string, H5Value>,
  heap: HeapWriter,
  path: string,
): Uint8Array[] {
  return [...attributes].map(([name, value]) => {
    const encodedName = new TextEncoder().encode(`${checkedText(name, path)}\0`);
    const { elements, dataspace } = encodeValue(value, heap, path);
    const { datatype, data } = elements;
    // Version 3, no named types, names in UTF-8.
    const head = new Writer(9).u8(3, 0).u16(encodedName.length, datatype.length, dataspace.length).u8(1);
    const content = concatenated(head.bytes, encodedName, datatype, dataspace, data);
    if (content.length > MOST_MESSAGE_BYTES) {
      throw unfit(
        path,
        `has the attribute ${quoted(name)} of ${content.length} bytes, and 64 KB can be: divide it`,
      );
    }
    return encodeMessage(MESSAGE.attribute, content);
  });
}

function encodeValue(
  value: H5Value,
  heap: HeapWriter,
  path: string,
): { elements: Elements; dataspace: Uint8Array } {
  const scalar = encodeDataspace([]);
  if (value === null) {
    return { elements: { ...encodeNumbers(Float32Array.of()) }, dataspace: NO_VALUE };
  }
  switch (typeof value) {
    case 'string':
      return { elements: encodeTexts([checkedText(value, path)], heap), dataspace: scalar };
    case 'boolean':
      return { elements: encodeBoolean(value), dataspace: scalar };
    case 'bigint':
      return { elements: encodeNumbers(asInteger(value, path)), dataspace: scalar };
    case 'number':
      return {
        elements: encodeNumbers(
          Number.isSafeInteger(value) && !Object.is(value, -0)
            ? BigInt64Array.of(BigInt(value))
            : Float64Array.of(value),
        ),
        dataspace: scalar,
      };
  }
  const elements = isTexts(value)
    ? encodeTexts(
        value.map((text) => checkedText(text, path)),
        heap,
      )
    : encodeNumbers(value);
  return { elements, dataspace: encodeDataspace([value.length]) };
}

function asInteger(value: bigint, path: string): BigInt64Array | BigUint64Array {
  if (BigInt.asIntN(64, value) === value) return BigInt64Array.of(value);
  if (BigInt.asUintN(64, value) === value) return BigUint64Array.of(value);
  throw unfit(path, `has a whole number of more than 64 bits: ${value}`);
}

export function isTexts(value: readonly string[] | ArrayLike<unknown>): value is readonly string[] {
  return Array.isArray(value);
}

/** Texts end at a zero when they are read, and halves of surrogate pairs are nothing in UTF-8. */
export function checkedText(text: string, path: string): string {
  if (text.includes('\0') || /\p{Surrogate}/u.test(text))
    throw unfit(path, `has a text that UTF-8 in C cannot hold: ${quoted(text)}`);
  return text;
}
