import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holderOf, lockFolder } from '../../src/files/lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simdnet-lock-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const file = (): string => join(folder, '.simdnet.lock');

/** The lock of a process that has ended. */
async function leave(more: object = {}): Promise<void> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  await writeFile(file(), JSON.stringify({ pid: child.pid, host: hostname(), began: '', ...more }));
}

describe('lockFolder', () => {
  it('claims a folder for one at a time', async () => {
    const lock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toThrow(
      `Another process works in ${folder}: number ${process.pid}. Wait for it`,
    );
    expect(await holderOf(folder)).toMatchObject({ pid: process.pid });
    await lock.release();
    expect(await holderOf(folder)).toBeUndefined();
    await (await lockFolder(folder)).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('gives it to exactly one of many', async () => {
    await leave();
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['.simdnet.lock']);
  });

  it.each(['', 'nonsense', 'null', '{"pid":1}'])('takes %j for nobody’s', async (content) => {
    await writeFile(file(), content);
    expect(await holderOf(folder)).toBeUndefined();
    await lockFolder(folder);
    expect(await readFile(file(), 'utf8')).toContain(String(process.pid));
  });

  it('does not take another process with the same number for the one that was killed', async () => {
    await leave({ pid: process.pid, began: 'another day' });
    expect(await holderOf(folder)).toBeUndefined();
    await expect(lockFolder(folder)).resolves.toBeDefined();
  });

  it('knows nothing of other machines', async () => {
    await leave({ host: 'elsewhere' });
    await expect(lockFolder(folder)).rejects.toThrow(`on elsewhere. Wait for it, or name another folder.`);
    await expect(lockFolder(folder)).rejects.toThrow(`delete ${file()}`);
  });
});
