/**
 * Zip files in memory, as Keras writes its models: a few entries, stored or deflated.
 *
 * ```
 * for each file    30 bytes, its name, extra fields, its content
 * for each file    46 bytes, its name, extra fields, a comment: the directory, which alone says what is there
 * 22 bytes         where the directory is, and a comment
 * ```
 * Source: APPNOTE.TXT 6.3.10, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
import { FormatError, OptionError } from '../errors.ts';
import { MAX_MODEL_FILES, mostUnpacked } from '../limits.ts';
import { quoted } from '../quoted.ts';
import { crc32 } from './crc.ts';
import { inflateRaw } from './inflate.ts';
import { InflateError } from './inflateError.ts';

const LOCAL_SIGNATURE = 0x04034b50;
const DIRECTORY_SIGNATURE = 0x02014b50;
const END_SIGNATURE = 0x06054b50;

const LOCAL_BYTES = 30;
const DIRECTORY_BYTES = 46;
const END_BYTES = 22;
const MOST_COMMENT_BYTES = 0xffff;

const STORED = 0;
const DEFLATED = 8;

const UTF8_NAME = 0x0800;
const ENCRYPTED = 0x0001;

type Broken = (what: string) => FormatError;

/** What the directory says of a file. */
interface Entry {
  readonly name: string;
  readonly method: number;
  readonly checksum: number;
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  readonly localAt: number;
}

/**
 * The files in a zip file, by name, without its folders.
 *
 * @param fileName for messages only
 * @returns contents that may share memory with `bytes`
 * @throws FormatError if it is damaged, encrypted, ZIP64, unpacks to more than a file of its size may, or has names that are there
 *   twice or lead out of a folder
 */
export function decodeZip(bytes: Uint8Array, fileName: string): Map<string, Uint8Array> {
  const broken: Broken = (what) =>
    new FormatError(`${fileName}: not a usable zip file: ${what}; make or copy it again`);
  const { entries, end } = readDirectory(bytes, broken);
  const most = mostUnpacked(bytes.length);
  if (entries.reduce((sum, { unpackedBytes }) => sum + unpackedBytes, 0) > most) {
    throw broken(`it unpacks to more than the ${most} bytes that a file of its size may`);
  }
  const files = new Map<string, Uint8Array>();
  let free = 0;
  for (const entry of [...entries].sort((a, b) => a.localAt - b.localAt)) {
    const start = contentStart(bytes, entry, broken);
    if (entry.localAt < free || start + entry.packedBytes > end) {
      throw broken(`${quoted(entry.name)} overlaps something else`);
    }
    free = start + entry.packedBytes;
    const content = unpack(bytes.subarray(start, free), entry, broken);
    if (crc32(content) !== entry.checksum)
      throw broken(`${quoted(entry.name)} has another checksum than it should`);
    if (files.has(entry.name)) throw broken(`it has ${quoted(entry.name)} twice`);
    // A folder has nothing in itself.
    if (!entry.name.endsWith('/')) files.set(entry.name, content);
  }
  return files;
}

/** @returns also where the directory begins, and contents end */
function readDirectory(bytes: Uint8Array, broken: Broken): { entries: Entry[]; end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const endAt = findEnd(view);
  if (endAt === undefined)
    throw broken('it has no directory at its end: it is another kind of file, or cut short');
  if (view.getUint32(endAt + 4, true) !== 0) throw broken('it is one of several parts');
  const count = view.getUint16(endAt + 10, true);
  const [length, start] = [view.getUint32(endAt + 12, true), view.getUint32(endAt + 16, true)];
  if (count === 0xffff || length === 0xffff_ffff || start === 0xffff_ffff) throw zip64(broken);
  if (count > MAX_MODEL_FILES)
    throw broken(`it has ${count} files, more than the ${MAX_MODEL_FILES} of a model`);
  if (start + length !== endAt) throw broken('its directory is not where it should be');
  const entries: Entry[] = [];
  let at = start;
  while (entries.length < count) {
    const [entry, next] = readEntry(view, at, endAt, broken);
    entries.push(entry);
    at = next;
  }
  if (at !== endAt) throw broken('its directory has another length than it should');
  return { entries, end: start };
}

function zip64(broken: Broken): FormatError {
  return broken('it is in the ZIP64 format, for files of 4 GB and more, which simdnet does not read');
}

/** Where the last 22 bytes begin: a comment may be behind them. */
function findEnd(view: DataView): number | undefined {
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= Math.max(0, last - MOST_COMMENT_BYTES); at--) {
    if (view.getUint32(at, true) !== END_SIGNATURE) continue;
    if (view.getUint16(at + 20, true) === last - at) return at;
  }
  return undefined;
}

/** @param end  of the directory */
function readEntry(view: DataView, at: number, end: number, broken: Broken): [entry: Entry, next: number] {
  if (at + DIRECTORY_BYTES > end || view.getUint32(at, true) !== DIRECTORY_SIGNATURE) {
    throw broken(`its directory is damaged at byte ${at}`);
  }
  const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
  const next = at + DIRECTORY_BYTES + nameBytes! + extraBytes! + commentBytes!;
  if (next > end) throw broken(`its directory is damaged at byte ${at}`);
  const name = readName(view, at + DIRECTORY_BYTES, nameBytes!, broken);
  const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
  if (flags & ENCRYPTED) throw broken(`${quoted(name)} is encrypted: save it without a password`);
  if (method !== STORED && method !== DEFLATED) {
    throw broken(
      `${quoted(name)} is packed with method ${method}, and simdnet reads stored and deflated files`,
    );
  }
  const [checksum, packedBytes, unpackedBytes, localAt] = [16, 20, 24, 42].map((field) =>
    view.getUint32(at + field, true),
  ) as [number, number, number, number];
  if ([packedBytes, unpackedBytes, localAt].includes(0xffff_ffff)) throw zip64(broken);
  return [{ name, method, checksum, packedBytes, unpackedBytes, localAt }, next];
}

function readName(view: DataView, at: number, length: number, broken: Broken): string {
  let name: string;
  try {
    name = new TextDecoder('utf-8', { fatal: true }).decode(
      new Uint8Array(view.buffer, view.byteOffset + at, length),
    );
  } catch {
    throw broken(`the name at byte ${at} is no UTF-8`);
  }
  if (!isSafeName(name)) throw broken(`${quoted(name)} is no name of a file within a folder`);
  return name;
}

/** Whether a name means the same to all, and nothing outside the folder that it is unpacked into. */
function isSafeName(name: string): boolean {
  const parts = name.replace(/\/$/, '').split('/');
  // eslint-disable-next-line no-control-regex
  return !/[\0-\x1f\\]|^[A-Za-z]:/.test(name) && parts.every((part) => !['', '.', '..'].includes(part));
}

/** Where the content is: behind a copy of what the directory says, whose extra fields may differ. */
function contentStart(bytes: Uint8Array, { name, localAt }: Entry, broken: Broken): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (localAt + LOCAL_BYTES > bytes.length || view.getUint32(localAt, true) !== LOCAL_SIGNATURE) {
    throw broken(`${quoted(name)} is not where it should be`);
  }
  return localAt + LOCAL_BYTES + view.getUint16(localAt + 26, true) + view.getUint16(localAt + 28, true);
}

function unpack(packed: Uint8Array, { name, method, unpackedBytes }: Entry, broken: Broken): Uint8Array {
  if (method === STORED) {
    if (packed.length !== unpackedBytes) throw broken(`${quoted(name)} has another length than it should`);
    return packed;
  }
  try {
    return inflateRaw(packed, unpackedBytes);
  } catch (error) {
    if (!(error instanceof InflateError)) throw error;
    throw broken(`${quoted(name)} cannot be unpacked (${error.message})`);
  }
}

/** 1980-01-01, midnight: the first date that the format has. */
const DATE = (1 << 5) | 1;
/** Of the format that is needed to read stored files: 2.0. */
const VERSION = 20;

interface NewEntry {
  readonly name: Uint8Array;
  readonly content: Uint8Array;
  readonly checksum: number;
}

/**
 * A zip file whose entries are stored, in the order of the map. The same files always give the same bytes.
 * @throws OptionError for names that decodeZip refuses, or more than a zip file can hold
 */
export function encodeZip(files: ReadonlyMap<string, Uint8Array>): Uint8Array<ArrayBuffer> {
  const entries = [...files].map(([name, content]) => ({
    name: new TextEncoder().encode(checkedName(name)),
    content,
    checksum: crc32(content),
  }));
  const directoryBytes = entries.reduce((sum, { name }) => sum + DIRECTORY_BYTES + name.length, 0);
  const start = entries.reduce(
    (sum, { name, content }) => sum + LOCAL_BYTES + name.length + content.length,
    0,
  );
  const total = start + directoryBytes + END_BYTES;
  if (files.size > MAX_MODEL_FILES || total >= 0xffff_ffff) {
    throw new OptionError(
      `not to be written as a zip file: ${files.size} files of ${total} bytes together; at most ${MAX_MODEL_FILES} of 4 GB can be`,
    );
  }
  const zip = new Uint8Array(total);
  const view = new DataView(zip.buffer);
  let [at, directoryAt] = [0, start];
  for (const entry of entries) {
    const { name, content } = entry;
    view.setUint32(at, LOCAL_SIGNATURE, true);
    writeFields(view, at + 4, entry);
    view.setUint32(directoryAt, DIRECTORY_SIGNATURE, true);
    view.setUint16(directoryAt + 4, VERSION, true);
    writeFields(view, directoryAt + 6, entry);
    view.setUint32(directoryAt + 42, at, true);
    zip.set(name, directoryAt + DIRECTORY_BYTES);
    zip.set(name, at + LOCAL_BYTES);
    zip.set(content, at + LOCAL_BYTES + name.length);
    at += LOCAL_BYTES + name.length + content.length;
    directoryAt += DIRECTORY_BYTES + name.length;
  }
  view.setUint32(directoryAt, END_SIGNATURE, true);
  view.setUint16(directoryAt + 8, files.size, true);
  view.setUint16(directoryAt + 10, files.size, true);
  view.setUint32(directoryAt + 12, directoryBytes, true);
  view.setUint32(directoryAt + 16, start, true);
  return zip;
}

function checkedName(name: string): string {
  if (isSafeName(name) && !name.endsWith('/') && name.length <= 1000) return name;
  throw new OptionError(
    `not to be written as a zip file: ${quoted(name)} is no name of a file within a folder`,
  );
}

/** What stands both before a file and in the directory. */
function writeFields(view: DataView, at: number, { name, content, checksum }: NewEntry): void {
  view.setUint16(at, VERSION, true);
  view.setUint16(at + 2, name.some((byte) => byte > 0x7f) ? UTF8_NAME : 0, true);
  view.setUint16(at + 4, STORED, true);
  view.setUint16(at + 8, DATE, true);
  view.setUint32(at + 10, checksum, true);
  view.setUint32(at + 14, content.length, true);
  view.setUint32(at + 18, content.length, true);
  view.setUint16(at + 22, name.length, true);
}
