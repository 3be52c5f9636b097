/** All files of a folder and of those in it, in an order that does not depend on the file system. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../../errors.ts';
import { isDeadLink } from '../../files/deadLink.ts';
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
  /** Those among the files that are links to nothing: nobody can tell whether a folder is meant. */
  readonly deadLinks: readonly string[];
}

/** A folder that cannot be read, and why. */
export interface UnreadableFolder {
  readonly path: string;
  readonly error: DataError;
}

/**
 * What is in a folder, sorted by the code units of the names; links are followed.
 * @param path  of the folder within `root`; '' for itself
 * @throws DataError if it cannot be read
 */
export async function entriesOf(root: string, path: string): Promise<Entries> {
  const all = await entriesIn(root, path);
  const pathsOf = (entries: readonly Entry[]): string[] => entries.map(({ file }) => file.path);
  return {
    folders: pathsOf(all.filter(({ isFolder }) => isFolder)),
    files: all.filter(({ isFolder }) => !isFolder).map(({ file }) => file),
    deadLinks: pathsOf(all.filter(({ isDeadLink }) => isDeadLink)),
  };
}

/**
 * The files of a folder and of all below it. A folder that several ways lead to is read once, so that links may go in circles.
 * @throws DataError if one cannot be read
 */
export async function filesBelow(root: string, path: string): Promise<FoundFile[]> {
  const files: FoundFile[] = [];
  for await (const found of walk(root, path)) {
    if ('error' in found) throw found.error;
    files.push(found);
  }
  return files;
}

export interface WalkOptions {
  /** Whether a folder that several ways lead to is read for each of them; else it is read once. Circles are left in both cases. */
  readonly everyWay?: boolean;
  /** Of the names in a folder; by their code units by default. */
  readonly order?: (a: string, b: string) => number;
}

/** The files of a folder and of all below it, and the folders among them that cannot be read, each in its place. */
export function walk(
  root: string,
  path: string,
  { everyWay = false, order }: WalkOptions = {},
): AsyncGenerator<FoundFile | UnreadableFolder, void, undefined> {
  return visit(path, new Set());

  /** @param seen  the real paths of folders that are not read again */
  async function* visit(
    folder: string,
    seen: Set<string>,
  ): AsyncGenerator<FoundFile | UnreadableFolder, void, undefined> {
    try {
      const real = await realpath(join(root, folder));
      if (seen.has(real)) return;
      const inside = everyWay ? new Set(seen) : seen;
      inside.add(real);
      for (const { isFolder, file } of await entriesIn(root, folder, order)) {
        if (isFolder) yield* visit(file.path, inside);
        else yield file;
      }
    } catch (cause) {
      yield {
        path: folder,
        error: cause instanceof DataError ? cause : unreadable(join(root, folder), cause),
      };
    }
  }
}

interface Entry {
  readonly isFolder: boolean;
  readonly isDeadLink: boolean;
  readonly file: FoundFile;
}

async function entriesIn(root: string, path: string, order?: WalkOptions['order']): Promise<Entry[]> {
  const names = await readdir(join(root, path)).catch((cause: unknown) => {
    throw unreadable(join(root, path), cause);
  });
  const visible = names.filter((name) => !isIgnoredName(name)).sort(order);
  return Promise.all(visible.map((name) => entryOf(root, path === '' ? name : `${path}/${name}`)));
}

async function entryOf(root: string, path: string): Promise<Entry> {
  const file = join(root, path);
  const info = await stat(file).catch(() => undefined);
  return {
    isFolder: info?.isDirectory() ?? false,
    isDeadLink: info === undefined && (await isDeadLink(file)),
    file: {
      path,
      bytes: info?.size ?? 0,
      modified: info?.mtimeMs ?? 0,
      isFile: info?.isFile() ?? false,
    },
  };
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
