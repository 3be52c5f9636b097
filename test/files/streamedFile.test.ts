import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SimdnetError } from '../../src/errors.ts';
import { StreamedFile } from '../../src/files/streamedFile.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simdnet-streamed-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('is there when it is complete, with what was written', async () => {
  const path = join(folder, 'a.csv');
  const file = await StreamedFile.create(path);
  await file.write('one\n');
  await file.write('ünö\n');
  expect(await readdir(folder)).not.toContain('a.csv');
  await file.complete();
  expect(await readdir(folder)).toEqual(['a.csv']);
  expect(await readFile(path, 'utf8')).toBe('one\nünö\n');
});

it('leaves what was there until it is complete, and its permissions; links are followed', async () => {
  const path = join(folder, 'a.csv');
  await writeFile(path, 'old');
  await chmod(path, 0o640);
  await symlink('a.csv', join(folder, 'link.csv'));
  const given = await StreamedFile.create(join(folder, 'link.csv'));
  await given.write('new');
  await given.discard();
  expect(await readFile(path, 'utf8')).toBe('old');
  const file = await StreamedFile.create(join(folder, 'link.csv'));
  await file.write('new');
  await file.complete();
  expect(await readFile(path, 'utf8')).toBe('new');
  expect((await stat(path)).mode & 0o777).toBe(0o640);
  expect((await readdir(folder)).sort()).toEqual(['a.csv', 'link.csv']);
});

it('says why a file cannot be written, and leaves nothing behind', async () => {
  const nowhere = StreamedFile.create(join(folder, 'no', 'a.csv'));
  await expect(nowhere).rejects.toThrow(SimdnetError);
  await expect(nowhere).rejects.toThrow(/cannot write .*a\.csv: the folder .*no does not exist/);
  await expect(StreamedFile.create(folder)).rejects.toThrow(/it is a folder/);
  expect(await readdir(folder)).toEqual([]);
});

it.skipIf(process.platform !== 'linux')('writes to a device directly', async () => {
  const file = await StreamedFile.create('/dev/null');
  await file.write('gone');
  await file.complete();
  const full = await StreamedFile.create('/dev/full');
  await expect(full.write('too much')).rejects.toThrow(/cannot write \/dev\/full: the disk is full/);
  await full.discard();
});
