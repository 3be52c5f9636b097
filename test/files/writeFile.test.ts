import * as fs from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SimdnetError } from '../../src/errors.ts';
import { writeFileAtomic } from '../../src/files/writeFile.ts';

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof fs>();
  return { ...real, rename: vi.fn(real.rename) };
});

let folder: string;
beforeEach(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), 'simdnet-write-'));
});
afterEach(async () => {
  await fs.rm(folder, { recursive: true });
});

describe('writeFileAtomic', () => {
  it('writes bytes and text, and leaves nothing else', async () => {
    await writeFileAtomic(join(folder, 'bytes'), Uint8Array.of(1, 2, 3));
    await writeFileAtomic(join(folder, 'text'), 'é\n');
    expect(Array.from(await fs.readFile(join(folder, 'bytes')))).toEqual([1, 2, 3]);
    expect(await fs.readFile(join(folder, 'text'), 'utf8')).toBe('é\n');
    expect((await fs.readdir(folder)).sort()).toEqual(['bytes', 'text']);
  });

  it('replaces a file in one step: an open reader keeps the old one', async () => {
    const path = join(folder, 'a');
    await fs.writeFile(path, 'old contents', { mode: 0o640 });
    const reader = await fs.open(path);
    await writeFileAtomic(path, 'new');
    expect(await reader.readFile('utf8')).toBe('old contents');
    await reader.close();
    expect(await fs.readFile(path, 'utf8')).toBe('new');
    expect((await fs.stat(path)).mode & 0o777).toBe(0o640);
  });

  it('writes through a link', async () => {
    await fs.writeFile(join(folder, 'target'), 'old');
    await fs.symlink('target', join(folder, 'link'));
    await writeFileAtomic(join(folder, 'link'), 'new');
    expect(await fs.readFile(join(folder, 'target'), 'utf8')).toBe('new');
    expect((await fs.lstat(join(folder, 'link'))).isSymbolicLink()).toBe(true);
  });

  it('takes a name as long as the file system allows', async () => {
    await writeFileAtomic(join(folder, 'n'.repeat(255)), '');
    expect(await fs.readdir(folder)).toEqual(['n'.repeat(255)]);
  });

  it('leaves the old file and no other when it fails half-way', async () => {
    await fs.writeFile(join(folder, 'a'), 'old');
    vi.mocked(fs.rename).mockRejectedValueOnce(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
    await expect(writeFileAtomic(join(folder, 'a'), 'new')).rejects.toThrow(
      /cannot write .*\/a: the disk is full \(ENOSPC\)/,
    );
    expect(await fs.readFile(join(folder, 'a'), 'utf8')).toBe('old');
    expect(await fs.readdir(folder)).toEqual(['a']);
  });

  it.each([
    ['missing/a', /cannot write .*missing\/a: the folder .*missing does not exist \(ENOENT\)/],
    ['file/a', /cannot write .*file\/a: a part of .*file is a file, not a folder \(ENOTDIR\)/],
    ['folder', /cannot write .*folder: it is a folder \(EISDIR\)/],
    ['n'.repeat(256), /the name is too long .*\(ENAMETOOLONG\)/],
  ])('says why it cannot write %s', async (path, message) => {
    await fs.writeFile(join(folder, 'file'), '');
    await fs.mkdir(join(folder, 'folder'));
    const written = writeFileAtomic(join(folder, path), 'x');
    await expect(written).rejects.toThrow(SimdnetError);
    await expect(written).rejects.toThrow(message);
    expect((await fs.readdir(folder)).sort()).toEqual(['file', 'folder']);
  });

  it.skipIf(process.getuid?.() === 0)('says when it has no permission', async () => {
    await fs.chmod(folder, 0o500);
    await expect(writeFileAtomic(join(folder, 'a'), 'x')).rejects.toThrow(/no permission .*\(EACCES\)/);
    await fs.chmod(folder, 0o700);
  });

  it.skipIf(!existsSync('/dev/full'))('writes to a device instead of replacing it', async () => {
    await expect(writeFileAtomic('/dev/full', 'x')).rejects.toThrow(
      'cannot write /dev/full: the disk is full (ENOSPC)',
    );
    expect((await fs.stat('/dev/full')).isCharacterDevice()).toBe(true);
  });
});
