/** Datatypes: what the elements of a dataset or an attribute are. */
import { quoted } from '../../quoted.ts';
import type { Cursor, Source } from './source.ts';

export type Datatype = NumberType | FixedString | VariableString;

export interface NumberType {
  readonly kind: 'int' | 'uint' | 'float' | 'boolean';
  /** Bytes of an element. */
  readonly size: number;
  readonly bigEndian: boolean;
}

/** Text in so many bytes, with zeros or spaces behind it. */
export interface FixedString {
  readonly kind: 'fixedString';
  readonly size: number;
  readonly spaces: boolean;
}

/** Text that is elsewhere, in a global heap: the element is its length and where. */
export interface VariableString {
  readonly kind: 'variableString';
  readonly size: number;
}

/** Classes of datatypes. */
const FIXED_POINT = 0;
const FLOATING_POINT = 1;
const STRING = 3;
const ENUMERATION = 8;
const VARIABLE_LENGTH = 9;

/** What else there is, in words. */
const UNSUPPORTED = new Map([
  [2, 'times'],
  [4, 'bit fields'],
  [5, 'opaque bytes, as Keras keeps bfloat16'],
  [6, 'compound values'],
  [7, 'references'],
  [10, 'arrays as elements'],
  [11, 'complex numbers'],
]);

/** Size of an element in the global heap: a length, an address and an index. */
export const VARIABLE_BYTES = 16;

/** What an IEEE float of so many bytes is made of: precision, and where exponent and mantissa are and how long. */
const IEEE: ReadonlyMap<number, readonly number[]> = new Map([
  [2, [16, 10, 5, 0, 10]],
  [4, [32, 23, 8, 0, 23]],
  [8, [64, 52, 11, 0, 52]],
]);

export function readDatatype(cursor: Cursor, source: Source): Datatype {
  const { kind, version, bits, size } = readHead(cursor);
  if (size === 0) throw source.broken('its elements have no bytes');
  switch (kind) {
    case FIXED_POINT:
      return fixedPoint(cursor, source, bits, size);
    case FLOATING_POINT:
      return floatingPoint(cursor, source, bits, size);
    case STRING:
      return { kind: 'fixedString', size, spaces: (bits & 0xf) === 2 };
    case ENUMERATION:
      return enumeration(cursor, source, bits & 0xffff, version);
    case VARIABLE_LENGTH:
      if ((bits & 0xf) !== 1) {
        throw source.unsupported('holds lists of variable length', 'save arrays of numbers, or text');
      }
      if (size !== VARIABLE_BYTES) throw source.broken(`its text takes ${size} bytes instead of 16`);
      return { kind: 'variableString', size };
    default:
      throw source.unsupported(
        `holds ${UNSUPPORTED.get(kind) ?? `a datatype of class ${kind}`}`,
        'save arrays of numbers, such as float32, or text',
      );
  }
}

function readHead(cursor: Cursor): { kind: number; version: number; bits: number; size: number } {
  const first = cursor.u8();
  const bits = cursor.u8() | (cursor.u8() << 8) | (cursor.u8() << 16);
  return { kind: first & 0xf, version: first >> 4, bits, size: cursor.u32() };
}

function fixedPoint(cursor: Cursor, source: Source, bits: number, size: number): NumberType {
  const [offset, precision] = [cursor.u16(), cursor.u16()];
  if (![1, 2, 4, 8].includes(size) || offset !== 0 || precision !== 8 * size) {
    throw source.unsupported(`holds integers of ${precision} bits`, 'save integers of 8, 16, 32 or 64 bits');
  }
  return { kind: bits & 8 ? 'int' : 'uint', size, bigEndian: (bits & 1) !== 0 };
}

function floatingPoint(cursor: Cursor, source: Source, bits: number, size: number): NumberType {
  const offset = cursor.u16();
  const precision = cursor.u16();
  const [exponentAt, exponentBits, mantissaAt, mantissaBits] = [
    cursor.u8(),
    cursor.u8(),
    cursor.u8(),
    cursor.u8(),
  ];
  const found = [precision, exponentAt, exponentBits, mantissaAt, mantissaBits];
  // Bit 6 is VAX's order.
  if (offset !== 0 || bits & 0x40 || IEEE.get(size)?.every((value, i) => value === found[i]) !== true) {
    throw source.unsupported('holds floats that are not of IEEE 754', 'save it as float32');
  }
  return { kind: 'float', size, bigEndian: (bits & 1) !== 0 };
}

/** Integers with names. h5py writes booleans so. */
function enumeration(cursor: Cursor, source: Source, members: number, version: number): NumberType {
  const base = readDatatype(cursor, source);
  if (base.kind !== 'int' && base.kind !== 'uint') throw source.broken('the names are of no integers');
  const names: string[] = [];
  for (let member = 0; member < members; member++) {
    const start = cursor.position;
    names.push(cursor.text());
    // Earlier versions fill names up to a multiple of eight.
    if (version < 3) cursor.skip((8 - ((cursor.position - start) % 8)) % 8);
  }
  const isBoolean = base.size === 1 && quoted(names) === '["FALSE","TRUE"]';
  return isBoolean ? { ...base, kind: 'boolean' } : base;
}
