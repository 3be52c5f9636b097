import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GrowingFile } from '../../src/files/growingFile.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simdnet-growing-'));
});
afterAll(() => rm(folder, { recursive: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const add = (file: GrowingFile, text: string): Promise<void> => file.add(bytes(text), bytes('head '));

describe('a file that grows', () => {
  it('begins with its head, in the place of what was there, or behind it', async () => {
    const path = join(folder, 'new', 'a');
    const file = new GrowingFile(path);
    await file.prepare(false);
    expect(await readFile(path, 'utf8')).toBe('');
    await add(file, 'one ');
    await add(file, 'two ');
    expect(await readFile(path, 'utf8')).toBe('head one two ');
    expect(file.bytes).toBe(13);
    const behind = new GrowingFile(path);
    await behind.prepare(true);
    await add(behind, 'three ');
    expect(await readFile(path, 'utf8')).toBe('head one two three ');
    const instead = new GrowingFile(path);
    await instead.prepare(false);
    expect(await readFile(path, 'utf8')).toBe('head one two three ');
    await add(instead, 'four');
    expect(await readFile(path, 'utf8')).toBe('head four');
  });

  it('goes on where it was, whatever has been added since, or is no longer there', async () => {
    const path = join(folder, 'b');
    await writeFile(path, 'head one two thr');
    const file = new GrowingFile(path);
    await file.prepare(false);
    file.continueAt(9);
    await add(file, '2');
    expect(await readFile(path, 'utf8')).toBe('head one 2');
    await rm(path);
    await add(file, '3');
    expect(await readFile(path, 'utf8')).toBe('head 3');
    await writeFile(path, 'head');
    await add(file, ' 4');
    expect(await readFile(path, 'utf8')).toBe('head 4');
  });

  it('that cannot be written is named', async () => {
    const blocked = join(folder, 'c');
    await writeFile(blocked, '');
    await expect(new GrowingFile(join(blocked, 'd')).prepare(false)).rejects.toThrow(/cannot write .*c.d: /);
    await expect(new GrowingFile(folder).prepare(false)).rejects.toThrow(/cannot write .*it is a folder/);
  });
});
