/** The JSON header of a safetensors file, parsed and checked claim by claim before any of it is believed. */
import type { FormatError } from '../errors.ts';
import { findDuplicateKey } from './duplicateKey.ts';

/** Bytes an element takes, for each element type simdnet reads. */
export const elementBytes = { F32: 4, F64: 8, U8: 1, I64: 8 } as const;
export type Dtype = keyof typeof elementBytes;

/** The limit of the reference reader, which keeps a hostile file from making it parse gigabytes of JSON. */
export const MAX_HEADER_BYTES = 100_000_000;

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

type Broken = (what: string) => FormatError;

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
  let value: unknown;
  try {
    json = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header);
  } catch {
    throw broken('its header is not UTF-8 text');
  }
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw broken(`its header is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const duplicate = findDuplicateKey(json);
  if (duplicate !== undefined) throw broken(`its header has the key "${duplicate}" twice`);
  return value as Record<string, unknown>; // JSON that starts with "{" is an object.
}

function checkMetadata(value: unknown, broken: Broken): Record<string, string> {
  if (!isObject(value)) throw broken('"__metadata__" is not an object');
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') {
      throw broken(`"__metadata__" must map strings to strings, but "${key}" is ${JSON.stringify(text)}`);
    }
  }
  return value as Record<string, string>;
}

function checkEntry(name: string, value: unknown, dataBytes: number, broken: Broken): TensorEntry {
  const tensor = `tensor "${name}"`;
  if (!isObject(value)) throw broken(`${tensor} is described by ${JSON.stringify(value)}, not by an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isDtype(dtype)) {
    const known = Object.keys(elementBytes).join(', ');
    throw broken(`${tensor} has the dtype ${quote(dtype)}; simdnet reads ${known}`);
  }
  if (!isSizes(shape))
    throw broken(`${tensor}: its shape ${quote(shape)} is not a list of whole numbers >= 0`);
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw broken(`${tensor}: its data_offsets ${quote(offsets)} are not two whole numbers >= 0`);
  }
  const [begin, end] = offsets as [number, number];
  if (begin > end) throw broken(`${tensor}: its data_offsets [${begin}, ${end}] end before they begin`);
  const bytes = shape.reduce((product, size) => product * size, 1) * elementBytes[dtype];
  if (bytes !== end - begin) {
    throw broken(
      `${tensor}: ${dtype} of shape [${shape.join(', ')}] takes ${bytes} bytes, ` +
        `but its data_offsets [${begin}, ${end}] span ${end - begin}`,
    );
  }
  if (end > dataBytes) {
    throw broken(
      `${tensor}: its data end at byte ${end} of the data, but the file holds only ${dataBytes} bytes of data; ` +
        'it is cut short, or its header is wrong: copy or download it again',
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
        `tensors "${previous}" and "${name}" overlap: one ends at ${covered}, the other begins at ${begin}`,
      );
    }
    if (begin > covered) {
      throw broken(`bytes ${covered} to ${begin} of the data, before tensor "${name}", belong to no tensor`);
    }
    covered = end;
    previous = name;
  }
  if (covered !== dataBytes) {
    throw broken(`${dataBytes - covered} bytes after the last tensor belong to no tensor`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDtype(value: unknown): value is Dtype {
  return typeof value === 'string' && Object.hasOwn(elementBytes, value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function quote(value: unknown): string {
  return value === undefined ? '(none)' : JSON.stringify(value);
}
