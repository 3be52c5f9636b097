/** Writing a file so that it is either complete or as it was before. */
import { open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { writeFileSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { SimdnetError } from '../errors.ts';
import { holdTemporary, temporaryBeside } from './temporary.ts';

/**
 * Writes `content` to a new file beside `path` and renames it over `path`, so that no reader and no crash ever
 * sees half a file. Links are followed and permissions kept; a device or pipe (`/dev/stdout`) is written directly.
 *
 * @param content bytes, or text to be written as UTF-8
 * @throws SimdnetError naming the path and the cause; nothing is left behind
 */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  try {
    const existing = await statIfPresent(path);
    if (existing !== undefined && !existing.isFile()) {
      // Renaming over a device would replace it with a file. Writing to a folder fails by itself.
      await writeFile(path, content);
      return;
    }
    const target = existing === undefined ? path : await realpath(path);
    await writeBeside(target, content, existing?.mode);
  } catch (error) {
    throw await unwritable(path, error);
  }
}

/** The error for a file that the system would not let us write, saying why. */
export async function unwritable(path: string, cause: unknown): Promise<SimdnetError> {
  const hasFolder = (await statIfPresent(dirname(path)).catch(() => undefined))?.isDirectory() ?? false;
  return new SimdnetError(`cannot write ${path}: ${whyUnwritable(cause, dirname(path), hasFolder)}`, {
    cause,
  });
}

async function statIfPresent(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeBeside(target: string, content: Uint8Array | string, mode?: number): Promise<void> {
  const temporary = temporaryBeside(target);
  const release = holdTemporary(temporary);
  try {
    // At once, so that the process cannot exit while the file is about to be there.
    writeFileSync(temporary, '', { flag: 'wx' });
    const file = await open(temporary, 'r+');
    try {
      if (mode !== undefined) await file.chmod(mode & 0o777);
      await file.writeFile(content);
      await file.sync(); // Otherwise a power cut could make the rename survive and the contents not.
    } finally {
      await file.close();
    }
    await rename(temporary, target);
    await syncFolder(dirname(target));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // The first error is the one to tell.
    throw error;
  } finally {
    release();
  }
}

/** Makes a power cut unable to undo a rename, where the system lets folders be synchronised. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path).catch(() => undefined);
  try {
    await folder?.sync();
  } catch {
    // The file is there all the same.
  } finally {
    await folder?.close();
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Why nothing can be written in a folder, and what to do. @param hasFolder  whether it is there */
export function whyUnwritable(error: unknown, folder: string, hasFolder: boolean): string {
  const code = codeOf(error) ?? '';
  const known: Record<string, string> = {
    EACCES: `no permission to write in ${folder} (EACCES)`,
    EPERM: `no permission to write in ${folder} (EPERM)`,
    EROFS: `${folder} is on a read-only file system (EROFS)`,
    ENOSPC: 'the disk is full (ENOSPC); free some space or choose another disk',
    EDQUOT: 'the disk quota is used up (EDQUOT); free some space or choose another disk',
    ENOENT: hasFolder
      ? `the system does not let files be created in ${folder} (ENOENT); choose another folder`
      : `the folder ${folder} does not exist (ENOENT); create it first`,
    EEXIST: `a part of ${folder} is a file, not a folder (EEXIST)`,
    ENOTDIR: `a part of ${folder} is a file, not a folder (ENOTDIR)`,
    EISDIR: 'it is a folder (EISDIR); name a file',
    ENAMETOOLONG: 'the name is too long for the file system (ENAMETOOLONG)',
  };
  return known[code] ?? (error instanceof Error ? error.message : String(error));
}
