/** Where decoded pictures that are too many for the memory are kept from one run to the next, and for how long. */
import { createHash } from 'node:crypto';
import { readdir, realpath, rm, stat, statfs, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../../errors.ts';
import { makeFolder } from '../../files/makeFolder.ts';
import { sweep } from '../../files/sweep.ts';
import { whyUnwritable } from '../../files/writeFile.ts';
import type { ListedPicture } from './pictureFolder.ts';
import { DECODER_VERSION, type Geometry } from './pixels.ts';

/** Which folder and geometry it is of, and which files these were. */
const NAME = /^pictures-([0-9a-f]{16})-([0-9a-f]{32})\.pixels$/;

/** How long a file is kept that nobody uses, in milliseconds. */
const KEPT = 30 * 24 * 60 * 60 * 1000;

/** The file of some pictures. It has another name when one of them is changed, added or removed. */
export async function pixelFilePath(
  cache: string,
  root: string,
  pictures: readonly ListedPicture[],
  { width, height, fit }: Geometry,
): Promise<string> {
  const source = digest([await realpath(root), width, height, fit]).slice(0, 16);
  const files = pictures.map(({ path, bytes, modified }) => [path, bytes, modified]);
  return join(cache, `pictures-${source}-${digest([DECODER_VERSION, files]).slice(0, 32)}.pixels`);
}

/**
 * Makes room for a file of so many bytes: what was kept of the same folder as it once was goes, and what nobody has used for long.
 * @throws DataError if there is not enough
 */
export async function makeRoom(cache: string, path: string, bytes: number): Promise<void> {
  try {
    await makeFolder(cache);
  } catch (cause) {
    throw new DataError(`cannot write in the cache: ${whyUnwritable(cause, cache, false)}`, { cause });
  }
  await sweep(cache);
  const [, source] = NAME.exec(path.slice(cache.length + 1))!;
  for (const name of await readdir(cache)) {
    const [, other] = NAME.exec(name) ?? [];
    if (other === undefined) continue;
    const old = join(cache, name);
    const used = (await stat(old).catch(() => undefined))?.mtimeMs ?? 0;
    // A process that reads it goes on all the same, or on some systems keeps it from being removed.
    if (other === source || Date.now() - used > KEPT) await rm(old, { force: true }).catch(() => undefined);
  }
  const { bavail, bsize } = await statfs(cache);
  if (bavail * bsize > bytes) return;
  throw new DataError(
    `${cache} has no room for the decoded pictures: they take ${gigabytes(bytes)}, and ${gigabytes(bavail * bsize)} are free. ` +
      'Free some space, or choose a smaller --image-size',
  );
}

/** Says that a file is in use. */
export async function markUsed(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
