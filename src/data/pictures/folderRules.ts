/** What names in a folder of pictures mean, wherever the folder is: on a disk, in an archive, or dropped on a page. Pure. */

export type PartName = 'train' | 'validation' | 'test';

const PARTS: ReadonlyMap<string, PartName> = new Map([
  ['train', 'train'],
  ['training', 'train'],
  ['val', 'validation'],
  ['valid', 'validation'],
  ['validation', 'validation'],
  ['test', 'test'],
  ['testing', 'test'],
]);

/** What systems and programs leave in folders without being asked, besides what begins with a dot. */
const IGNORED = new Set(['thumbs.db', 'desktop.ini', '__macosx']);

/** Whether a file is looked at where a folder is named, and not the file. */
export function isPictureName(name: string): boolean {
  return /\.(png|jpe?g|webp)$/i.test(name);
}

/** Whether a file or folder is passed over in silence. */
export function isIgnoredName(name: string): boolean {
  return name.startsWith('.') || IGNORED.has(name.toLowerCase());
}

/** The part that a folder stands for, where a folder has parts: in capitals or not. */
export function partOf(folder: string): PartName | undefined {
  return PARTS.get(folder.toLowerCase());
}

/** What is in the folder "train", or what it is called. */
export interface TrainFolder {
  readonly hasFolders: boolean;
  readonly hasPictures: boolean;
}

/**
 * Whether folders beside each other are parts rather than classes. A class may be called "train", of pictures of trains: it is a part
 * only if there are folders in it and no pictures, and beside it nothing or other parts.
 * @param train  undefined if there is no such folder
 */
export function areParts(folders: readonly string[], train: TrainFolder | undefined): boolean {
  if (!train?.hasFolders || train.hasPictures) return false;
  const named = folders.filter((folder) => partOf(folder));
  return named.length > 1 || folders.length === 1;
}
