/**
 * NPY, the format of NumPy's arrays: a header that is a Python dictionary, then the values.
 *
 * ```
 * 6 bytes   \x93NUMPY
 * 2 bytes   version: 1.0, 2.0 or 3.0
 * 2 or 4    length of the dictionary, little-endian; 4 bytes from version 2 on
 * text      {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }, padded with spaces
 * ```
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { FormatError } from '../errors.ts';
import { quoted } from '../quoted.ts';
import type { ElementType } from './elements.ts';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** As long as a header can be: NumPy itself refuses longer ones. */
export const NPY_HEADER_BYTES = 12 + 65_536;

export interface NpyHeader {
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Where the values begin. */
  readonly dataStart: number;
}

/**
 * @param head  the first {@link NPY_HEADER_BYTES} bytes of a file, or all that it has
 * @throws FormatError if it is no NPY file, holds something else than numbers, or has the first index change fastest
 */
export function parseNpyHeader(head: Uint8Array, name: string): NpyHeader {
  const broken = (what: string): FormatError => new FormatError(`${name} is not a usable NPY array: ${what}`);
  if (head.length < 10 || MAGIC.some((byte, i) => head[i] !== byte)) {
    throw broken(
      'it does not begin with "\\x93NUMPY" and the length of a header; it is another kind of file',
    );
  }
  const version = head[6]!;
  if (version < 1 || version > 3) throw broken(`its version is ${version}, and there are 1, 2 and 3`);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const textStart = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : head.length < 12 ? 0 : view.getUint32(8, true);
  const dataStart = textStart + length;
  if (dataStart > NPY_HEADER_BYTES) throw broken(`its header claims ${length} bytes, more than any has`);
  if (dataStart > head.length) throw broken(`its header should end at byte ${dataStart}, but it ends before`);
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(
    head.subarray(textStart, dataStart),
  );
  const fields = parseDictionary(text, broken);
  const shape = shapeOf(fields.get('shape'), broken);
  const fortran = fields.get('fortran_order');
  if (fortran !== 'True' && fortran !== 'False') throw broken('its fortran_order is neither True nor False');
  if (fortran === 'True' && shape.filter((size) => size > 1).length > 1) {
    throw broken('it is in Fortran order: save numpy.ascontiguousarray of it');
  }
  return { type: typeOf(fields.get('descr'), broken), shape, dataStart };
}

/** The three entries, as text. A key that is there twice could mean one thing to one reader, and another to the next. */
function parseDictionary(text: string, broken: (what: string) => FormatError): ReadonlyMap<string, string> {
  const inner = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1];
  if (inner === undefined) throw broken(`its header is no dictionary: ${quoted(text)}`);
  const entry = /\s*'(\w+)'\s*:\s*('[^']*'|True|False|\([\d\s,]*\)|\[[^\]]*\])\s*(,|$)/y;
  const fields = new Map<string, string>();
  while (entry.lastIndex < inner.trimEnd().length) {
    const [, key, value] = entry.exec(inner) ?? [];
    if (key === undefined || fields.has(key)) throw broken(`its header is not understood: ${quoted(text)}`);
    fields.set(key, value!);
  }
  return fields;
}

function shapeOf(text: string | undefined, broken: (what: string) => FormatError): number[] {
  const inner = /^\((.*)\)$/s.exec(text ?? '')?.[1];
  if (inner === undefined) throw broken('it has no shape');
  const shape = inner.trim() === '' ? [] : inner.replace(/,\s*$/, '').split(',').map(Number);
  if (
    !inner
      .split(',')
      .slice(0, -1)
      .every((size) => /^\s*\d+\s*$/.test(size)) ||
    !shape.every(Number.isSafeInteger)
  ) {
    throw broken(`its shape ${quoted(text)} is no list of sizes`);
  }
  return shape;
}

/** NumPy's word for a type, such as "<f4". */
function typeOf(text: string | undefined, broken: (what: string) => FormatError): ElementType {
  const [, order, letter, digits] = /^'([<>|=])([iuf])([1248])'$/.exec(text ?? '') ?? [];
  const bytes = Number(digits);
  if (letter === undefined || (letter === 'f' && bytes < 4)) {
    throw broken(
      `it holds ${quoted(text)}, and simdnet reads integers, float32 and float64: convert it with .astype('uint8'), for instance`,
    );
  }
  const kind = { i: 'int', u: 'uint', f: 'float' } as const;
  return {
    kind: kind[letter as keyof typeof kind],
    bytes: bytes as ElementType['bytes'],
    bigEndian: order === '>',
  };
}
