import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Gives the bytes as a file to what reads files. */
export async function onDisk(
  bytes: Uint8Array,
  name: string,
  read: (path: string, folder: string) => Promise<unknown>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'simdnet-fuzz-'));
  try {
    const path = join(folder, name);
    await writeFile(path, bytes);
    await read(path, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
