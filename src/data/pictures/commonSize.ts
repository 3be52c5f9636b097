/** The size that the pictures of a folder have in common. */
import { join } from 'node:path';
import type { Size } from '../fitPicture.ts';
import { decodeAll, type DecodeWatch } from './decoderPool.ts';
import type { PictureFolder } from './pictureFolder.ts';
import { SharedSize } from './sharedSize.ts';

class NoCommonSize extends Error {}

/** As `SharedSize` has it. @throws the signal's reason */
export async function commonSize(
  { root, pictures }: PictureFolder,
  { signal }: Pick<DecodeWatch, 'signal'> = {},
): Promise<Size> {
  const shared = new SharedSize();
  try {
    await decodeAll(
      pictures.map(({ path }) => ({ path: join(root, path) })),
      (reply) => {
        // What cannot be read will be told of when it is to be used.
        if ('decoded' in reply && !shared.add(reply.decoded)) throw new NoCommonSize();
      },
      { signal },
    );
  } catch (error) {
    if (!(error instanceof NoCommonSize)) throw error;
  }
  return shared.size;
}
