/** Safetensors files with images and labels, of which only the arrays that are asked for are read. */
import { createReadStream } from 'node:fs';
import { DataError, FormatError } from '../../errors.ts';
import { ByteReader } from '../../files/byteReader.ts';
import { fileSize, readInto, unreadable } from '../../files/readFile.ts';
import type { ElementType } from '../../formats/elements.ts';
import { parseJson } from '../../formats/json.ts';
import { headerEnd, PREFIX_BYTES, unusable } from '../../formats/safetensors.ts';
import { parseHeader, type Dtype, type TensorEntry } from '../../formats/safetensorsHeader.ts';
import { NAMES_LISTED, type ArrayFile, type StoredArray } from './arrayFile.ts';

/** Those that arrays of images and labels may have. */
const TYPES: Readonly<Partial<Record<Dtype, ElementType>>> = {
  F32: { kind: 'float', bytes: 4, bigEndian: false },
  F64: { kind: 'float', bytes: 8, bigEndian: false },
  U8: { kind: 'uint', bytes: 1, bigEndian: false },
  I32: { kind: 'int', bytes: 4, bigEndian: false },
  I64: { kind: 'int', bytes: 8, bigEndian: false },
};

/**
 * Looks at the arrays `wanted` of a safetensors file, and at its metadata "classNames": a list of names as JSON.
 * @throws DataError if it cannot be read; FormatError if it is damaged
 */
export async function openSafetensors(path: string, wanted: readonly string[]): Promise<ArrayFile> {
  const size = await fileSize(path);
  if (size === undefined) throw new DataError(`cannot read ${path}: there is no such file; check the path`);
  const prefix = new Uint8Array(PREFIX_BYTES);
  const dataStart = headerEnd(prefix.subarray(0, await readInto(path, prefix, 0)), size, path);
  const header = new Uint8Array(dataStart - PREFIX_BYTES);
  await readInto(path, header, PREFIX_BYTES);
  const { entries, metadata } = parseHeader(header, size - dataStart, unusable(path));
  const arrays = new Map<string, StoredArray>();
  for (const [name, entry] of entries) {
    if (!wanted.includes(name)) continue;
    const type = TYPES[entry.dtype];
    if (!type) {
      throw new FormatError(
        `${path}: the array "${name}" is ${entry.dtype}: write it as F32, or as U8 for images.`,
      );
    }
    arrays.set(name, storedArray(path, dataStart, entry, type));
  }
  const names = entries.slice(0, NAMES_LISTED).map(([name]) => name);
  return { arrays, names, classNames: classNamesOf(metadata, path) };
}

function storedArray(path: string, dataStart: number, entry: TensorEntry, type: ElementType): StoredArray {
  const [begin, end] = entry.data_offsets;
  return {
    type,
    shape: entry.shape,
    open: () => {
      const stream = createReadStream(path, { start: dataStart + begin, end: dataStart + end - 1 });
      return Promise.resolve(
        new ByteReader(stream as AsyncIterable<Uint8Array>, (cause) => unreadable(path, cause)),
      );
    },
  };
}

function classNamesOf(metadata: Readonly<Record<string, string>>, path: string): string[] | undefined {
  const text = metadata.classNames;
  if (text === undefined) return undefined;
  let names: unknown;
  try {
    names = parseJson(text);
  } catch {
    names = undefined;
  }
  if (Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string'))
    return names;
  throw new FormatError(
    `${path}: the metadata "classNames" must be a list of names as JSON, such as ["cat", "dog"]`,
  );
}
