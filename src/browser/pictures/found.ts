/** The files that somebody drops or picks, folders and all, and which class each belongs to. */
import { areParts, isIgnoredName, isPictureName, partOf } from '../../data/pictures/folderRules.ts';
import { DataError } from '../../errors.ts';
import { naturalOrder } from '../../naturalOrder.ts';

/** Pictures that are not read: told of by their names, as those are that are dropped alone, and not passed over. */
const OTHER_PICTURES = /\.(heic|heif|avif|gif|bmp|tiff?)$/i;

/** Whether what was dropped or picked is to be unpacked first. */
export function isZipName(name: string): boolean {
  return /\.zip$/i.test(name);
}

export interface FoundPicture {
  /** Where it lies below what was dropped or picked, with `/` between the parts. */
  readonly path: string;
  readonly file: File;
}

/**
 * All files that were dropped, or picked, and those in the folders among them, in an order that does not depend on the file system.
 * What systems leave in folders is not among them.
 * @throws DataError if one cannot be read
 */
export async function foundOf(source: DataTransfer | FileList): Promise<FoundPicture[]> {
  const found = 'items' in source ? await droppedFiles(source) : pickedFiles(source);
  return found
    .filter(({ path }) => !path.split('/').some(isIgnoredName))
    .sort((a, b) => naturalOrder(a.path, b.path));
}

/** Files of a form, or of a folder that was picked in one. */
function pickedFiles(files: FileList): FoundPicture[] {
  return Array.from(files, (file) => ({ path: file.webkitRelativePath || file.name, file }));
}

async function droppedFiles({ items }: DataTransfer): Promise<FoundPicture[]> {
  // At once: what was dropped is gone after the first await.
  const roots = Array.from(items, (item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const found: FoundPicture[] = [];
  for (const { entry, file } of roots) {
    if (entry) await walk(entry, found);
    // What a program hands over, and no file manager.
    else if (file) found.push({ path: file.name, file });
  }
  return found;
}

async function walk(entry: FileSystemEntry, found: FoundPicture[]): Promise<void> {
  if (isIgnoredName(entry.name)) return;
  const path = entry.fullPath.replace(/^\//, '');
  try {
    if (entry.isFile) found.push({ path, file: await fileOf(entry as FileSystemFileEntry) });
    else for (const inner of await entriesOf(entry as FileSystemDirectoryEntry)) await walk(inner, found);
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DataError(`${path} cannot be read: ${why} Check who may read it, and drop it again`, { cause });
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => {
    entry.file(resolve, reject);
  });
}

/** Some are given at a time, until there are none. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const entries: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (some.length === 0) return entries;
    entries.push(...some);
  }
}

/**
 * The files of each class, which is called as the folder that they lie in, at whatever depth below it. Folders around the classes do not
 * count: one that holds nothing but another, nor train, val and test.
 * @param fallback  the class of pictures that are in no folder; without one they are left out
 */
export function byClass(found: readonly FoundPicture[], fallback: string | undefined): Map<string, File[]> {
  const located = found
    .map(({ path, file }): Located => ({ folders: path.split('/').slice(0, -1), name: basename(path), file }))
    .filter(({ folders, name }) => ![...folders, name].some(isIgnoredName))
    // Whoever drops a file means it, whatever it is called.
    .filter(({ folders, name }) => folders.length === 0 || isPictureName(name) || OTHER_PICTURES.test(name));
  const classes = new Map<string, File[]>();
  for (const { folders, file } of withoutParts(unwrapped(located))) {
    const name = folders[0] ?? fallback;
    if (name === undefined) continue;
    const files = classes.get(name);
    if (files) files.push(file);
    else classes.set(name, [file]);
  }
  return classes;
}

interface Located {
  /** From the outermost on. */
  readonly folders: readonly string[];
  readonly name: string;
  readonly file: File;
}

/** Without folders that have nothing in them but one or more folders, if there is nothing beside them. */
function unwrapped(located: readonly Located[]): readonly Located[] {
  const [outer] = located[0]?.folders ?? [];
  if (outer === undefined) return located;
  if (located.some(({ folders }) => folders.length < 2 || folders[0] !== outer)) return located;
  return unwrapped(located.map(inner));
}

function withoutParts(located: readonly Located[]): readonly Located[] {
  const names = [...new Set(located.flatMap(({ folders }) => folders.slice(0, 1)))];
  const train = located.filter(({ folders }) => partOf(folders[0] ?? '') === 'train');
  const inTrain = train.length > 0 && {
    hasFolders: train.some(({ folders }) => folders.length > 1),
    hasPictures: train.some(({ folders }) => folders.length === 1),
  };
  if (!areParts(names, inTrain || undefined)) return located;
  return located.map((each) => (partOf(each.folders[0] ?? '') ? inner(each) : each));
}

function inner(located: Located): Located {
  return { ...located, folders: located.folders.slice(1) };
}

function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
