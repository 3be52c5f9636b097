/** All files of a folder and of those in it, in an order that does not depend on the file system. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../../errors.ts';
import { isIgnoredName } from './folderRules.ts';

export interface FoundFile {
  /** With `/` between its parts, whatever the system. */
  readonly path: string;
  readonly bytes: number;
  /** When it was last modified, in milliseconds. */
  readonly modified: number;
  /** False for pipes, devices and what a link leads nowhere to. */
  readonly isFile: boolean;
}

export interface Entries {
  readonly folders: readonly string[];
  readonly files: readonly FoundFile[];
}

/**
 * What is in a folder, sorted by the code units of the names; links are followed.
 * @param path  of the folder within `root`; '' for itself
 * @throws DataError if it cannot be read
 */
export async function entriesOf(root: string, path: string): Promise<Entries> {
  const names = await readdir(join(root, path)).catch((cause: unknown) => {
    throw unreadable(join(root, path), cause);
  });
  const visible = names.filter((name) => !isIgnoredName(name)).sort();
  const folders: string[] = [];
  const files: FoundFile[] = [];
  const all = await Promise.all(visible.map((name) => stat(join(root, path, name)).catch(() => undefined)));
  all.forEach((info, i) => {
    const inner = path === '' ? visible[i]! : `${path}/${visible[i]!}`;
    if (info?.isDirectory()) folders.push(inner);
    else {
      const { size: bytes = 0, mtimeMs: modified = 0 } = info ?? {};
      files.push({ path: inner, bytes, modified, isFile: info?.isFile() ?? false });
    }
  });
  return { folders, files };
}

/**
 * The files of a folder and of all below it. A folder that several ways lead to is read once, so that links may go in circles.
 * @throws DataError if one cannot be read
 */
export async function filesBelow(root: string, path: string): Promise<FoundFile[]> {
  const seen = new Set<string>();
  const found: FoundFile[][] = [];
  const visit = async (folder: string): Promise<void> => {
    const real = await realpath(join(root, folder));
    if (seen.has(real)) return;
    seen.add(real);
    const { folders, files } = await entriesOf(root, folder);
    found.push([...files]);
    for (const inner of folders) await visit(inner);
  };
  await visit(path);
  return found.flat();
}

function unreadable(path: string, cause: unknown): DataError {
  const code = (cause as NodeJS.ErrnoException).code;
  const known: Record<string, string> = {
    ENOENT: 'there is no such folder; check the path',
    ENOTDIR: 'it is a file; name the folder that has a folder for each class',
    EACCES: 'no permission; check who may read it',
  };
  return new DataError(`cannot read ${path}: ${known[code ?? ''] ?? (cause as Error).message}`, { cause });
}
