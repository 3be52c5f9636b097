/** Reading files, with errors that name them. */
import { open, stat, type FileHandle } from 'node:fs/promises';
import { DataError } from '../errors.ts';
import { unreadable } from '../formats/readFile.ts';

/** The size of a file in bytes, or undefined if there is none. */
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

/** Fills `target` with the bytes of a file from `offset` on; returns how many there were, fewer if the file ends. */
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
