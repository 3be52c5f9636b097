/**
 * Decoded pictures in one file: the pixels of one after the other, [count, height, width, 3], then what could not be decoded as
 * JSON, the length of that (4 bytes, little-endian), and a mark.
 */
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import { DataError } from '../../errors.ts';
import { holdTemporary, temporaryBeside } from '../../files/temporary.ts';
import { unwritable } from '../../files/writeFile.ts';
import { MAX_JSON_BYTES } from '../../limits.ts';
import type { StoredImages } from '../storedImages.ts';
import type { Unreadable } from './unreadable.ts';

const MARK = new TextEncoder().encode('simdnet pixels 1');
const TAIL = 4 + MARK.length;

export interface PixelFile {
  /** By the index among all pictures. */
  readonly unreadable: readonly Unreadable[];
  /** The images of some of the pictures, in this order. @param indices  of pictures among all */
  select(indices: Uint32Array): StoredImages;
  close(): Promise<void>;
}

/** What is written to a file that is being made. */
export interface PixelWriter {
  put(index: number, pixels: Uint8Array): Promise<void>;
}

/**
 * Makes the file, which appears when it is whole.
 * @param fill  puts the pixels into it, in any order, and tells what could not be decoded
 * @throws SimdnetError if it cannot be written; what `fill` throws
 */
export async function writePixelFile(
  path: string,
  { count, size }: { readonly count: number; readonly size: number },
  fill: (writer: PixelWriter) => Promise<readonly Unreadable[]>,
): Promise<void> {
  const temporary = temporaryBeside(path);
  const release = holdTemporary(temporary);
  let failure: unknown;
  try {
    // At once, so that the process cannot exit while the file is about to be there.
    writeFileSync(temporary, '', { flag: 'wx' });
    const file = await open(temporary, 'r+');
    const write = async (bytes: Uint8Array, position: number): Promise<void> => {
      try {
        await writeAll(file, bytes, position);
      } catch (cause) {
        throw (failure = await unwritable(path, cause));
      }
    };
    try {
      const unreadable = await fill({ put: (index, pixels) => write(pixels, index * size) });
      await write(tailOf(unreadable), count * size);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // The first error is the one to tell.
    throw failure === error || !isOfSystem(error) ? error : await unwritable(path, error);
  } finally {
    release();
  }
}

/** Opens the file. @returns undefined if there is none, or it is not whole */
export async function openPixelFile(
  path: string,
  { count, size }: { readonly count: number; readonly size: number },
): Promise<PixelFile | undefined> {
  const file = await open(path).catch(() => undefined);
  if (!file) return undefined;
  const unreadable = await readTail(file, count * size).catch(() => undefined);
  if (!unreadable) {
    await file.close();
    return undefined;
  }
  return {
    unreadable,
    select: (indices) => ({
      length: indices.length * size,
      read: (rows, target) => readRows(file, path, size, rows, indices, target),
    }),
    close: () => file.close(),
  };
}

/** Reads images; those that stand one behind the other in the file, at once. */
async function readRows(
  file: FileHandle,
  path: string,
  size: number,
  rows: Uint32Array,
  indices: Uint32Array,
  target: Uint8Array,
): Promise<void> {
  const reads: Promise<boolean>[] = [];
  for (let begin = 0; begin < rows.length;) {
    const first = indices[rows[begin]!]!;
    const isNext = (row: number): boolean => row < rows.length && indices[rows[row]!] === first + row - begin;
    let end = begin + 1;
    while (isNext(end)) end++;
    reads.push(readAll(file, target.subarray(begin * size, end * size), first * size));
    begin = end;
  }
  const whole = await Promise.all(reads).catch((cause: unknown) => {
    throw new DataError(`cannot read ${path}: ${(cause as Error).message}`, { cause });
  });
  if (!whole.every(Boolean)) throw new DataError(`${path} was cut short while it was used: try again`);
}

/** @returns whether there were as many bytes */
async function readAll(file: FileHandle, target: Uint8Array, position: number): Promise<boolean> {
  for (let filled = 0; filled < target.length;) {
    const { bytesRead } = await file.read(target, filled, target.length - filled, position + filled);
    if (bytesRead === 0) return false;
    filled += bytesRead;
  }
  return true;
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}

function tailOf(unreadable: readonly Unreadable[]): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(unreadable));
  const tail = new Uint8Array(json.length + TAIL);
  tail.set(json);
  new DataView(tail.buffer).setUint32(json.length, json.length, true);
  tail.set(MARK, json.length + 4);
  return tail;
}

/** @returns undefined if it is not there, or not where it should be */
async function readTail(file: FileHandle, begin: number): Promise<Unreadable[] | undefined> {
  const length = (await file.stat()).size - begin;
  if (length < TAIL || length > MAX_JSON_BYTES) return undefined;
  const tail = new Uint8Array(length);
  await readAll(file, tail, begin);
  const json = length - TAIL;
  if (new DataView(tail.buffer).getUint32(json, true) !== json) return undefined;
  if (!MARK.every((byte, i) => tail[json + 4 + i] === byte)) return undefined;
  return JSON.parse(new TextDecoder().decode(tail.subarray(0, json))) as Unreadable[];
}

function isOfSystem(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
