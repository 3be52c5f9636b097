import { readFile } from 'node:fs/promises';
import { DataError } from '../errors.ts';

/** The bytes of a file. @throws DataError if it is missing or cannot be read */
export async function readWhole(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw unreadable(path, cause);
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
