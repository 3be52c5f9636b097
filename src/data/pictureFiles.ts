/** Which pictures are meant by the names of files and folders. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { naturalOrder } from '../naturalOrder.ts';
import { isPictureName } from './pictures/folderRules.ts';

/** A picture, or a folder that cannot be read or has none. */
export interface PictureFile {
  readonly path: string;
  readonly failure?: string;
}

export interface FoundPictures {
  readonly pictures: readonly PictureFile[];
  /** How many files in folders are no pictures, by their names. */
  readonly passedOver: number;
}

/**
 * Files as they are named; of folders all pictures in them and in their folders, in natural order whatever the file system's is. Links
 * are followed, also in circles; what begins with a dot is left out. Nothing is thrown: what is wrong is said of each.
 */
export async function findPictures(paths: readonly string[]): Promise<FoundPictures> {
  const pictures: PictureFile[] = [];
  let passedOver = 0;
  for (const path of paths) {
    if (!(await isFolder(path))) {
      pictures.push({ path });
      continue;
    }
    const found = await picturesBelow(path, new Set());
    passedOver += found.passedOver;
    pictures.push(...found.pictures);
    if (found.pictures.length === 0) pictures.push({ path, failure: `there is no picture in ${path}` });
  }
  return { pictures, passedOver };
}

export async function isFolder(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => undefined);
  return info?.isDirectory() ?? false;
}

/** @param above  the real paths of the folders around it */
async function picturesBelow(folder: string, above: ReadonlySet<string>): Promise<FoundPictures> {
  const pictures: PictureFile[] = [];
  let passedOver = 0;
  try {
    const real = await realpath(folder);
    if (above.has(real)) return { pictures, passedOver };
    const around = new Set([...above, real]);
    const names = await readdir(folder);
    for (const name of names.filter((each) => !each.startsWith('.')).sort(naturalOrder)) {
      const path = join(folder, name);
      if (await isFolder(path)) {
        const inner = await picturesBelow(path, around);
        pictures.push(...inner.pictures);
        passedOver += inner.passedOver;
      } else if (isPictureName(name)) pictures.push({ path });
      else passedOver++;
    }
  } catch (error) {
    pictures.push({ path: folder, failure: `cannot read the folder ${folder}: ${(error as Error).message}` });
  }
  return { pictures, passedOver };
}
