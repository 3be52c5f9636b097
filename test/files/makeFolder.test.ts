import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder } from '../../src/files/makeFolder.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simdnet-folder-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe('makeFolder', () => {
  it('creates all levels that are missing, and nothing where none is', async () => {
    await makeFolder(join(folder, 'a', 'b', 'c'));
    await makeFolder(join(folder, 'a', 'b', 'c'));
    expect((await stat(join(folder, 'a', 'b', 'c'))).isDirectory()).toBe(true);
  });

  it('is content if another was first', async () => {
    await Promise.all(Array.from({ length: 8 }, () => makeFolder(join(folder, 'x', 'y'))));
    expect((await stat(join(folder, 'x', 'y'))).isDirectory()).toBe(true);
  });

  it('fails where a file is in the way', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(makeFolder(join(folder, 'file'))).rejects.toThrow('EEXIST');
    await expect(makeFolder(join(folder, 'file', 'a'))).rejects.toThrow(/EEXIST|ENOTDIR/);
  });

  it.runIf(process.platform === 'linux')(
    'fails, and does not try for ever, where nothing can be',
    async () => {
      await expect(makeFolder('/proc/simdnet/run')).rejects.toThrow('ENOENT');
    },
  );
});
