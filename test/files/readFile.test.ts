import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { fileSize, readInto, readWhole } from '../../src/files/readFile.ts';

const bytes = Uint8Array.of(2, 3, 5, 7, 11);

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simdnet-read-'));
  file = join(folder, 'primes');
  await writeFile(file, bytes);
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** What goes wrong at places where no file can be read, and what is said about it. */
const nowhere = (): [path: string, message: string][] => [
  [join(folder, 'none'), 'there is no such file; check the path'],
  [join(file, 'none'), 'there is no such file; check the path'],
  [folder, 'it is a folder; name a file'],
];

describe('readWhole', () => {
  it('reads a file', async () => {
    expect([...(await readWhole(file))]).toEqual([...bytes]);
  });

  it('says what is wrong with which file', async () => {
    for (const [path, message] of nowhere()) {
      await expect(readWhole(path)).rejects.toThrow(new DataError(`cannot read ${path}: ${message}`));
    }
  });

  it('says so of a link that leads nowhere, or in a circle', async () => {
    const links = { dead: join(folder, 'none'), circle: join(folder, 'circle') };
    for (const [name, target] of Object.entries(links)) {
      const path = join(folder, name);
      await symlink(target, path);
      await expect(readWhole(path)).rejects.toThrow(
        new DataError(`cannot read ${path}: it is a link that leads nowhere; mend it or remove it`),
      );
    }
  });

  it.runIf(process.platform === 'linux')('refuses what may never end', async () => {
    await expect(readWhole('/dev/zero')).rejects.toThrow('cannot read /dev/zero: it is a pipe or a device');
  });
});

describe('readInto', () => {
  it.each([
    [0, 3, [2, 3, 5]],
    [1, 4, [3, 5, 7, 11]],
    [3, 4, [7, 11]],
    [5, 1, []],
    [9, 2, []],
  ])('reads from %i on at most %i bytes', async (offset, length, expected) => {
    const target = new Uint8Array(length);
    const filled = await readInto(file, target, offset);
    expect([...target.subarray(0, filled)]).toEqual(expected);
    expect(target.subarray(filled).every((byte) => byte === 0)).toBe(true);
  });

  it('says what is wrong with which file', async () => {
    for (const [path, message] of nowhere()) {
      const reading = readInto(path, new Uint8Array(1), 0);
      await expect(reading).rejects.toThrow(new DataError(`cannot read ${path}: ${message}`));
    }
  });
});

describe('fileSize', () => {
  it('knows how long a file is, and whether there is one', async () => {
    expect(await fileSize(file)).toBe(5);
    expect(await fileSize(join(folder, 'none'))).toBeUndefined();
    expect(await fileSize(join(file, 'none'))).toBeUndefined();
  });

  it('takes no folder for a file', async () => {
    await expect(fileSize(folder)).rejects.toThrow(new DataError(`${folder} is not a file`));
  });
});
