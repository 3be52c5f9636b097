/** The size that the pictures of a folder have in common. */
import { join } from 'node:path';
import type { Size } from '../fitPicture.ts';
import { decodePictures, type DecodeWatch } from './decodePictures.ts';
import type { PictureFolder } from './pictureFolder.ts';
import { SharedSize } from './sharedSize.ts';

/** As `SharedSize` has it. @throws the signal's reason */
export async function commonSize(
  { root, pictures }: PictureFolder,
  { signal }: Pick<DecodeWatch, 'signal'> = {},
): Promise<Size> {
  const shared = new SharedSize();
  const requests = pictures.map(({ path }) => ({ path: join(root, path) }));
  for await (const reply of decodePictures(requests, { signal })) {
    // What cannot be read will be told of when it is to be used.
    if ('decoded' in reply && !shared.add(reply.decoded)) break;
  }
  return shared.size;
}
