/** Which pictures are meant by the names of files and folders. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { naturalOrder } from '../../naturalOrder.ts';
import { isPictureName } from './folderRules.ts';
import { walk } from './filesBelow.ts';

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
    const before = pictures.length;
    for await (const found of walk(path, '', { everyWay: true, order: naturalOrder })) {
      const inner = join(path, found.path);
      if ('error' in found) pictures.push({ path: inner, failure: found.error.message });
      else if (isPictureName(inner)) pictures.push({ path: inner });
      else passedOver++;
    }
    if (pictures.length === before) pictures.push({ path, failure: `there is no picture in ${path}` });
  }
  return { pictures, passedOver };
}

export async function isFolder(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => undefined);
  return info?.isDirectory() ?? false;
}
