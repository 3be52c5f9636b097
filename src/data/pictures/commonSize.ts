/** The size of a network's images where nobody has said what it is to be. */
import { join } from 'node:path';
import { decodePictures, type DecodeWatch } from './decodePictures.ts';
import type { PictureFolder } from './pictureFolder.ts';
import type { Size } from '../fitPicture.ts';

/** Enough to tell most things apart, and little enough to train on within minutes. */
const USUAL: Size = { width: 64, height: 64 };

/** Larger pictures are made smaller even if all have the same size: those of a camera have. */
const MOST = 128;

/** The size that all pictures share, if it is at most 128 on a side; else 64×64. @throws the signal's reason */
export async function commonSize(
  { root, pictures }: PictureFolder,
  { signal }: Pick<DecodeWatch, 'signal'> = {},
): Promise<Size> {
  let common: Size | undefined;
  const requests = pictures.map(({ path }) => ({ path: join(root, path) }));
  for await (const reply of decodePictures(requests, { signal })) {
    // What cannot be read will be told of when it is to be used.
    if ('failure' in reply) continue;
    const { width, height } = reply.decoded;
    common ??= { width, height };
    if (width !== common.width || height !== common.height || Math.max(width, height) > MOST) return USUAL;
  }
  return common ?? USUAL;
}
