/** A dataset that cannot be replaced at the last moment. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import type * as fs from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { archiveOf, extractCifar10, goodMembers, memberBytes } from './archives.ts';
import { rejection, temporaryFolder } from './fixtures.ts';

const disk = vi.hoisted(() => ({ fails: undefined as ((from: string) => boolean) | undefined }));

vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  return {
    ...real,
    renameSync: (from: string, to: string) => {
      if (disk.fails?.(from)) throw new Error(`EIO: rename ${from}`);
      real.renameSync(from, to);
    },
  };
});

let folder: string;
let archive: string;
let destination: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  archive = join(await temporaryFolder(), 'some.tar.gz');
  await writeFile(archive, await archiveOf(goodMembers()));
  destination = join(folder, 'cifar');
});

it('stays as it was, and nothing else does', async () => {
  await mkdir(destination);
  await writeFile(join(destination, 'old.txt'), 'old');
  disk.fails = (from) => from.endsWith('new');
  const error = await rejection(extractCifar10(archive, destination, { memberBytes }));
  expect(error).toBeInstanceOf(DataError);
  expect(error.message).toContain(`cannot move the unpacked files to ${destination}: EIO`);
  expect(await readdir(folder)).toEqual(['cifar']);
  expect(await readFile(join(destination, 'old.txt'), 'utf8')).toBe('old');
});

it('that was not there leaves nothing', async () => {
  disk.fails = (from) => from.endsWith('new');
  expect(await rejection(extractCifar10(archive, destination, { memberBytes }))).toBeInstanceOf(DataError);
  expect(await readdir(folder)).toEqual([]);
});

it('that cannot be put back either is kept, and it is said where', async () => {
  await mkdir(destination);
  await writeFile(join(destination, 'old.txt'), 'old');
  disk.fails = (from) => /new$|old$/.test(from);
  const { message } = await rejection(extractCifar10(archive, destination, { memberBytes }));
  const [, place] = /what was there is in (.*) now: move it back/.exec(message)!;
  expect(await readFile(join(place!, 'old.txt'), 'utf8')).toBe('old');
});

it('gives way to one that another process has put there', async () => {
  await mkdir(destination);
  disk.fails = (from) => {
    if (!from.endsWith('new')) return false;
    other();
    return true;
  };
  const { mkdirSync, writeFileSync } = await import('node:fs');
  const other = (): void => {
    mkdirSync(destination);
    writeFileSync(join(destination, 'theirs'), '');
  };
  await rejection(extractCifar10(archive, destination, { memberBytes }));
  expect(await readdir(destination)).toEqual(['theirs']);
  expect(await readdir(folder)).toEqual(['cifar']);
});
