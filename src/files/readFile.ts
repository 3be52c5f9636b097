/** Reading files, with errors that name them. */
import { open, readFile, stat, type FileHandle } from 'node:fs/promises';
import { DataError } from '../errors.ts';
import { DEAD_LINK, isDeadLink } from './deadLink.ts';

/** The bytes of a file. @throws DataError if it is missing or cannot be read */
export async function readWhole(path: string): Promise<Uint8Array> {
  try {
    const stats = await stat(path);
    // A pipe or a device may never end.
    if (!stats.isFile() && !stats.isDirectory())
      throw new DataError(`cannot read ${path}: it is a pipe or a device; name a file`);
    return await readFile(path);
  } catch (cause) {
    if (await isDeadLink(path)) throw new DataError(`cannot read ${path}: ${DEAD_LINK}`, { cause });
    throw cause instanceof DataError ? cause : unreadable(path, cause);
  }
}

/**
 * The text of a file.
 * @param most  bytes that it may have
 * @throws DataError if it is missing, cannot be read, is no file, or is larger
 */
export async function readText(path: string, most: number): Promise<string> {
  const size = await fileSize(path);
  if (size !== undefined && size > most) {
    throw new DataError(`${path} has ${size} bytes, and at most ${most} are read: name another file`);
  }
  return new TextDecoder().decode(await readWhole(path));
}

/**
 * Fills `target` with the bytes of a file from `offset` on; returns how many there were, fewer if the file ends.
 * @throws DataError if it is missing or cannot be read
 */
export async function readInto(path: string, target: Uint8Array, offset: number): Promise<number> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    let filled = 0;
    while (filled < target.length) {
      const { bytesRead } = await file.read(target, filled, target.length - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled;
  } catch (cause) {
    throw unreadable(path, cause);
  } finally {
    await file?.close();
  }
}

/** The size of a file in bytes, or undefined if there is none. @throws DataError if it is a folder or a device */
export async function fileSize(path: string): Promise<number | undefined> {
  try {
    const stats = await stat(path);
    if (!stats.isFile()) throw new DataError(`${path} is not a file`);
    return stats.size;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw cause instanceof DataError ? cause : unreadable(path, cause);
  }
}

/** The error for a file that the system would not let us read, saying why. */
export function unreadable(path: string, cause: unknown): DataError {
  return new DataError(`cannot read ${path}: ${reason(cause)}`, { cause });
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file; check the path';
  if (code === 'EISDIR') return 'it is a folder; name a file';
  if (code === 'EACCES' || code === 'EPERM') return 'no permission; check who may read it';
  return error instanceof Error ? error.message : String(error);
}
