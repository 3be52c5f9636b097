/** NPZ: a zip file of NPY arrays, stored or deflated. */
import { crc32 } from 'node:zlib';
import type { Readable } from 'node:stream';
import { DataError, FormatError, SimdnetError } from '../../errors.ts';
import { ByteReader } from '../../files/byteReader.ts';
import { fileSize, unreadable } from '../../files/readFile.ts';
import { NPY_HEADER_BYTES, parseNpyHeader } from '../../formats/npy.ts';
import { MAX_ARRAYS, mostUnpacked } from '../../limits.ts';
import { product } from '../../product.ts';
import { quoted } from '../../quoted.ts';
import { NAMES_LISTED, type ArrayFile, type StoredArray } from './arrayFile.ts';
import type { Entry, ZipFile } from 'yauzl';

/**
 * Looks at the arrays `wanted` of an npz file.
 * @throws DataError if it cannot be read; FormatError if it is damaged, one of them is no array of numbers, or may not be as large
 *   as it claims, for a file of its size
 */
export async function openNpz(path: string, wanted: readonly string[]): Promise<ArrayFile> {
  const size = await fileSize(path);
  if (size === undefined) throw new DataError(`cannot read ${path}: there is no such file; check the path`);
  return withZip(path, async (zip) => {
    const entries = await entriesOf(zip, path);
    const arrays = new Map<string, StoredArray>();
    for (const name of wanted) {
      const entry = entries.get(name);
      if (entry) arrays.set(name, await lookAt(zip, entry, `${path}: ${name}`, path, mostUnpacked(size)));
    }
    return { arrays, names: [...entries.keys()].slice(0, NAMES_LISTED), classNames: undefined };
  });
}

/** The entries that are arrays, by their names. */
async function entriesOf(zip: ZipFile, path: string): Promise<ReadonlyMap<string, Entry>> {
  if (zip.entryCount > MAX_ARRAYS) {
    throw new FormatError(
      `${path} has ${zip.entryCount} entries, and at most ${MAX_ARRAYS} are read: put the images in a file of their own`,
    );
  }
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName.replace(/\.npy$/, '');
    if (entries.has(name))
      throw new FormatError(`${path} has two arrays called ${quoted(name)}: save it anew`);
    entries.set(name, entry);
  }
  return entries;
}

async function lookAt(
  zip: ZipFile,
  entry: Entry,
  name: string,
  path: string,
  most: number,
): Promise<StoredArray> {
  const { uncompressedSize, compressionMethod } = entry;
  if (!entry.canDecodeFileData()) {
    throw new FormatError(
      `${name} is encrypted, or packed by method ${compressionMethod}: save it with numpy.savez or numpy.savez_compressed`,
    );
  }
  if (uncompressedSize > most) {
    throw new FormatError(
      `${name} unpacks to ${uncompressedSize} bytes, and in a file of this size it may have ${most}: save it with numpy.savez, unpacked`,
    );
  }
  const bytes = await readerOf(zip, entry, name, path);
  try {
    const { type, shape, dataStart } = parseNpyHeader(await bytes.peek(NPY_HEADER_BYTES), name);
    const wanted = type.bytes * product(shape);
    if (dataStart + wanted !== uncompressedSize) {
      throw new FormatError(
        `${name} claims the shape [${shape.join(', ')}], which takes ${wanted} bytes, but ${uncompressedSize - dataStart} follow; ` +
          'it is damaged: save it anew',
      );
    }
    return { type, shape, open: () => openValues(entry, name, path, dataStart) };
  } finally {
    await bytes.close();
  }
}

/** Opens the file once more: nobody need close it if the values are not asked for. */
async function openValues(entry: Entry, name: string, path: string, dataStart: number): Promise<ByteReader> {
  const zip = await openZip(path);
  const bytes = await readerOf(zip, entry, name, path, () => {
    zip.close();
  });
  await bytes.skip(dataStart);
  return bytes;
}

/** @param onEnd  called when no more is read */
async function readerOf(
  zip: ZipFile,
  entry: Entry,
  name: string,
  path: string,
  onEnd?: () => void,
): Promise<ByteReader> {
  const damaged = (cause: unknown): SimdnetError => zipFailure(name, path, cause);
  let stream: Readable;
  try {
    stream = await zip.openReadStreamPromise(entry);
  } catch (cause) {
    onEnd?.();
    throw damaged(cause);
  }
  return new ByteReader(checked(stream, entry, name, onEnd), damaged);
}

/** The same bytes. @throws FormatError at the end, if they have another checksum than the file says */
async function* checked(
  stream: Readable,
  entry: Entry,
  name: string,
  onEnd?: () => void,
): AsyncGenerator<Uint8Array> {
  let sum = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      sum = crc32(chunk, sum);
      yield chunk;
    }
  } finally {
    onEnd?.();
  }
  if (sum !== entry.crc32)
    throw new FormatError(`${name} has the wrong checksum; it is damaged: save it anew`);
}

async function withZip<T>(path: string, work: (zip: ZipFile) => Promise<T>): Promise<T> {
  const zip = await openZip(path);
  try {
    return await work(zip);
  } catch (cause) {
    throw cause instanceof SimdnetError ? cause : zipFailure(path, path, cause);
  } finally {
    zip.close();
  }
}

async function openZip(path: string): Promise<ZipFile> {
  const { default: yauzl } = await import('yauzl');
  try {
    return await yauzl.openPromise(path, { autoClose: false });
  } catch (cause) {
    throw zipFailure(path, path, cause);
  }
}

/** @param name  what is wrong */
function zipFailure(name: string, path: string, cause: unknown): SimdnetError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  if (/^E[A-Z]+$/.test(code)) return unreadable(path, cause);
  return new FormatError(`${name} is not usable: ${message}; it is damaged, or no npz file`, { cause });
}
