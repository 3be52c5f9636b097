/** The JSON header of a safetensors file, parsed and checked claim by claim before any of it is believed. */
import type { SimdnetError } from '../errors.ts';
import { isObject } from '../isObject.ts';
import { product } from '../product.ts';
import { quoted } from '../quoted.ts';
import { parseJson } from './json.ts';

/** What holds the elements of each type that simdnet reads; those of floats of 16 bits as they are, see float16.ts. */
export const ARRAYS = {
  F16: Uint16Array,
  BF16: Uint16Array,
  F32: Float32Array,
  F64: Float64Array,
  U8: Uint8Array,
  I32: Int32Array,
  I64: BigInt64Array,
} as const;
export type Dtype = keyof typeof ARRAYS;

/** What the header says about one tensor, under the names that the file uses. */
export interface TensorEntry {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** First byte and one past the last, from the start of the data. */
  readonly data_offsets: readonly [begin: number, end: number];
}

export interface SafetensorsHeader {
  /** Sorted by where their data begin. */
  readonly entries: readonly (readonly [name: string, entry: TensorEntry])[];
  readonly metadata: Record<string, string>;
}

/** Makes the error for a complaint. */
type Broken = (what: string) => SimdnetError;

/**
 * @param header the bytes of the header, padding included
 * @param dataBytes how many bytes follow the header
 * @param broken makes the error for a complaint; it names the file
 * @throws what `broken` makes
 */
export function parseHeader(header: Uint8Array, dataBytes: number, broken: Broken): SafetensorsHeader {
  const fields = parseObject(header, broken);
  let metadata: Record<string, string> = {};
  const entries: [string, TensorEntry][] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (name === '__metadata__') metadata = checkMetadata(value, broken);
    else entries.push([name, checkEntry(name, value, dataBytes, broken)]);
  }
  entries.sort(
    ([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
  );
  checkCoverage(entries, dataBytes, broken);
  return { entries, metadata };
}

function parseObject(header: Uint8Array, broken: Broken): Record<string, unknown> {
  if (header[0] !== 0x7b) throw broken('its header does not start with "{"');
  let json: string;
  try {
    json = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header);
  } catch {
    throw broken('its header is not UTF-8 text');
  }
  try {
    return parseJson(json) as Record<string, unknown>; // JSON that starts with "{" is an object.
  } catch (error) {
    throw broken(`its header is not JSON: ${(error as SyntaxError).message}`);
  }
}

function checkMetadata(value: unknown, broken: Broken): Record<string, string> {
  if (!isObject(value)) throw broken('"__metadata__" is not an object');
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') {
      throw broken(`"__metadata__" must map strings to strings, but ${quoted(key)} is ${quoted(text)}`);
    }
  }
  return value as Record<string, string>;
}

/** What a header says of a tensor, checked. @throws what `broken` makes */
export function checkEntry(name: string, value: unknown, dataBytes: number, broken: Broken): TensorEntry {
  const tensor = `tensor ${quoted(name)}`;
  if (!isObject(value)) throw broken(`${tensor} is described by ${quoted(value)}, not by an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isDtype(dtype)) {
    const known = Object.keys(ARRAYS).join(', ');
    throw broken(`${tensor} has the dtype ${quoted(dtype)}; simdnet reads ${known}`);
  }
  if (!isSizes(shape))
    throw broken(`${tensor}: its shape ${quoted(shape)} is not a list of whole numbers >= 0`);
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw broken(`${tensor}: its data_offsets ${quoted(offsets)} are not two whole numbers >= 0`);
  }
  const [begin, end] = offsets as [number, number];
  const bytes = product(shape) * ARRAYS[dtype].BYTES_PER_ELEMENT;
  if (bytes !== end - begin) {
    throw broken(
      `${tensor}: ${dtype} of shape ${quoted(shape)} takes ${bytes} bytes, ` +
        `but its data_offsets [${begin}, ${end}] span ${end - begin}`,
    );
  }
  if (end > dataBytes) {
    throw broken(
      `${tensor}: its data end at byte ${end} of the data, but the file holds only ${dataBytes} bytes of data; ` +
        'it is cut short: copy or download it again',
    );
  }
  return { dtype, shape, data_offsets: [begin, end] };
}

/** Every byte of the data must belong to exactly one tensor, so that a file can neither hide bytes nor share them. */
function checkCoverage(entries: SafetensorsHeader['entries'], dataBytes: number, broken: Broken): void {
  let covered = 0;
  let previous = '';
  for (const [name, { data_offsets: offsets }] of entries) {
    const [begin, end] = offsets;
    if (begin < covered) {
      throw broken(
        `tensors ${quoted(previous)} and ${quoted(name)} overlap: one ends at ${covered}, the other begins at ${begin}`,
      );
    }
    if (begin > covered) {
      throw broken(
        `bytes ${covered} to ${begin} of the data, before tensor ${quoted(name)}, belong to no tensor`,
      );
    }
    covered = end;
    previous = name;
  }
  if (covered !== dataBytes) {
    throw broken(`${dataBytes - covered} bytes after the last tensor belong to no tensor`);
  }
}

function isDtype(value: unknown): value is Dtype {
  return typeof value === 'string' && Object.hasOwn(ARRAYS, value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
