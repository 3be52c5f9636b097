/** What killed processes have left behind: temporary files, folders and locks of simdnet's own names. */
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const NAMES = [
  /^\.simdnet-\d+-[0-9a-f]{12}\.tmp$/,
  /^\.simdnet-[a-z0-9-]+\.lock$/,
  /^\.(cifar-10-batches-bin|cifar-100-binary)-[A-Za-z0-9]{6}$/,
];

const DAY = 24 * 60 * 60 * 1000;

/** Removes such entries of a folder, not of those in it, if they are older than a day. What cannot be removed stays. */
export async function sweep(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (!NAMES.some((pattern) => pattern.test(name))) continue;
    const path = join(folder, name);
    try {
      if (Date.now() - (await lstat(path)).mtimeMs > DAY) await rm(path, { recursive: true, force: true });
    } catch {
      // Another process was faster, or it belongs to somebody else.
    }
  }
}
