/** Elements as they are in the file, as numbers and texts. */
import { float16ToFloat32 } from '../float16.ts';
import type { Datatype, FixedString, NumberType } from './datatype.ts';
import type { GlobalHeap } from './globalHeap.ts';
import type { H5Numbers } from './hdf5.ts';
import { Cursor, decodeText, type Source } from './source.ts';

/** What a text costs beside its bytes. */
const TEXT_COST = 16;

/** @param bytes  of all elements, one after the other */
export function readElements(
  bytes: Uint8Array,
  type: Datatype,
  source: Source,
  heap: GlobalHeap,
): H5Numbers | string[] {
  switch (type.kind) {
    case 'fixedString':
      return fixedStrings(bytes, type, source);
    case 'variableString':
      return variableStrings(bytes, source, heap);
    default:
      return readNumbers(bytes, type);
  }
}

function fixedStrings(bytes: Uint8Array, { size, spaces }: FixedString, source: Source): string[] {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    source.spend(TEXT_COST);
    const text = bytes.subarray(at, at + size);
    let end = text.indexOf(0);
    if (end < 0) end = size;
    if (spaces) while (end > 0 && text[end - 1] === 0x20) end--;
    texts.push(decodeText(text.subarray(0, end), source, 'a text'));
  }
  return texts;
}

function variableStrings(bytes: Uint8Array, source: Source, heap: GlobalHeap): string[] {
  const elements = new Cursor(bytes, source, 'a text');
  const texts: string[] = [];
  while (elements.remaining > 0) {
    source.spend(TEXT_COST);
    const text = heap.read(elements);
    // Some programs count the zero at the end of a text, as C has it.
    const end = text.indexOf(0);
    texts.push(decodeText(end < 0 ? text : text.subarray(0, end), source, 'a text'));
  }
  return texts;
}

function readNumbers(bytes: Uint8Array, type: NumberType): H5Numbers {
  // A copy, where an array may begin.
  const { buffer } = new Uint8Array(bytes);
  if (type.bigEndian) reverseElements(new Uint8Array(buffer), type.size);
  switch (type.kind) {
    case 'float':
      if (type.size === 2) return Float32Array.from(new Uint16Array(buffer), float16ToFloat32);
      return type.size === 4 ? new Float32Array(buffer) : new Float64Array(buffer);
    case 'int':
      if (type.size === 1) return new Int8Array(buffer);
      if (type.size === 2) return new Int16Array(buffer);
      return type.size === 4 ? new Int32Array(buffer) : new BigInt64Array(buffer);
    default:
      if (type.size === 1) return new Uint8Array(buffer);
      if (type.size === 2) return new Uint16Array(buffer);
      return type.size === 4 ? new Uint32Array(buffer) : new BigUint64Array(buffer);
  }
}

function reverseElements(bytes: Uint8Array, size: number): void {
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}
