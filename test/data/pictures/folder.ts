/** Folders of small pictures, for tests. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { encodePng } from '../../../src/formats/png.ts';
import { randomStream } from '../../../src/random.ts';

const folders: string[] = [];

afterAll(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A fresh folder that is removed after the tests of the file. */
export async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'simdnet-pictures-'));
  folders.push(folder);
  return folder;
}

/** A PNG that is mostly of one channel: of which depends on the class. The same seed gives the same picture. */
export function picture(label: number, seed: string, width = 16, height = 16): Uint8Array {
  const random = randomStream(label, seed);
  const data = new Uint8Array(width * height * 4).fill(255);
  for (let i = 0; i < data.length; i += 4)
    for (let c = 0; c < 3; c++) data[i + c] = random.below(150) + (c === label % 3 ? 100 : 0);
  return encodePng({ width, height, data });
}

/** Writes files into a folder, and makes the folders that they are in. */
export async function writeAll(
  folder: string,
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** A folder with so many pictures of each class. */
export async function classFolder(counts: Readonly<Record<string, number>>): Promise<string> {
  const folder = await emptyFolder();
  for (const [label, [name, count]] of Object.entries(counts).entries())
    for (let i = 0; i < count; i++) await writeAll(folder, { [`${name}/${i}.png`]: picture(label, `${i}`) });
  return folder;
}
