/** Filters: what was done to chunks before they were stored. */
import { InflateError } from '../inflateError.ts';
import { inflateZlib } from '../inflate.ts';
import { MESSAGE, type ObjectHeader } from './objectHeader.ts';
import type { Cursor, Source } from './source.ts';

/** Undoes one. @param chunkBytes  of the chunk when all are undone */
export type Filter = (bytes: Uint8Array, chunkBytes: number) => Uint8Array;

const DEFLATE = 1;
const SHUFFLE = 2;

/** What else there is, in words. */
const OTHERS = new Map([
  [3, 'fletcher32'],
  [4, 'szip'],
  [5, 'nbit'],
  [6, 'scaleoffset'],
  [32_000, 'lzf'],
]);

/** Twice as many as h5py has any use for. */
const MOST_FILTERS = 4;

/** In the order in which they were applied. */
export function readFilters(header: ObjectHeader, elementBytes: number, source: Source): Filter[] {
  const cursor = header.find(MESSAGE.filters, 'the filters of its chunks');
  if (cursor === undefined) return [];
  const [version, count] = [cursor.u8(), cursor.u8()];
  if (version !== 1 && version !== 2) throw source.broken(`its filters have version ${version}`);
  if (count > MOST_FILTERS) throw source.broken(`it has ${count} filters`);
  if (version === 1) cursor.skip(6);
  return Array.from({ length: count }, () => readFilter(cursor, version, elementBytes, source));
}

function readFilter(cursor: Cursor, version: number, elementBytes: number, source: Source): Filter {
  const id = cursor.u16();
  const nameBytes = version === 1 || id >= 256 ? cursor.u16() : 0;
  cursor.skip(2);
  const values = cursor.u16();
  cursor.skip(version === 1 ? Math.ceil(nameBytes / 8) * 8 : nameBytes);
  cursor.skip(4 * (version === 1 ? values + (values % 2) : values));
  if (id === DEFLATE) return (bytes, chunkBytes) => inflate(bytes, chunkBytes, source);
  if (id === SHUFFLE) return (bytes) => unshuffle(bytes, elementBytes);
  throw source.unsupported(
    `is stored with the filter ${OTHERS.get(id) ?? String(id)}`,
    "save it with compression='gzip', or without",
  );
}

function inflate(bytes: Uint8Array, chunkBytes: number, source: Source): Uint8Array {
  try {
    return inflateZlib(bytes, chunkBytes);
  } catch (error) {
    if (!(error instanceof InflateError)) throw error;
    throw source.broken(`a chunk cannot be unpacked (${error.message})`);
  }
}

/** The first bytes of all elements come first, then their second, and so on. */
function unshuffle(bytes: Uint8Array, elementBytes: number): Uint8Array {
  const count = Math.floor(bytes.length / elementBytes);
  // What is left when no element fits stays where it is.
  const elements = bytes.slice();
  for (let byte = 0; byte < elementBytes; byte++) {
    for (let i = 0; i < count; i++) elements[i * elementBytes + byte] = bytes[byte * count + i]!;
  }
  return elements;
}
