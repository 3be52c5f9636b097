import { dirname } from 'node:path';
import { makeFolder } from './makeFolder.ts';
import { unwritable } from './writeFile.ts';

/** Creates the folder of a file that is to be written, if it is not there. @throws SimdnetError naming the file */
export async function makeFolderOf(path: string): Promise<void> {
  try {
    await makeFolder(dirname(path));
  } catch (error) {
    throw await unwritable(path, error);
  }
}
