import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { folderHolder, lockFolder, withLock } from '../../src/files/lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simdnet-lock-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const file = (): string => join(folder, '.simdnet-run.lock');

/** The lock of a process that has ended. */
async function leave(more: object = {}): Promise<void> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  await writeFile(file(), JSON.stringify({ pid: child.pid, host: hostname(), began: '', ...more }));
}

/** Has the lock not been touched for so long. */
async function age(seconds: number): Promise<void> {
  const time = new Date(Date.now() - seconds * 1000);
  await utimes(file(), time, time);
}

describe('lockFolder', () => {
  it('claims a folder for one at a time', async () => {
    const lock = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(
      `Another process works in ${folder}: number ${process.pid}. Wait for it`,
    );
    expect(folderHolder(folder)).toMatchObject({ pid: process.pid });
    lock.release();
    expect(folderHolder(folder)).toBeUndefined();
    lockFolder(folder).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('gives it to exactly one of many processes, and what was left counts for nothing', async () => {
    await leave();
    const lock = new URL('../../dist/files/lock.js', import.meta.url).href;
    const script = `import { lockFolder } from '${lock}';
      try { lockFolder(process.argv[1]); console.log('mine'); } catch { console.log('not mine'); }
      process.stdin.resume();`;
    const children = Array.from({ length: 5 }, () =>
      spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
        stdio: ['pipe', 'pipe', 'inherit'],
      }),
    );
    const answers = await Promise.all(
      children.map(async ({ stdout }) => String((await once(stdout, 'data'))[0]).trim()),
    );
    expect(answers.sort()).toEqual(['mine', 'not mine', 'not mine', 'not mine', 'not mine']);
    expect(await readdir(folder)).toEqual(['.simdnet-run.lock']);
    for (const child of children) {
      child.stdin.end();
      await once(child, 'exit');
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it.each(['', 'nonsense', 'null', '{"pid":1}'])('takes %j for nobody’s', async (content) => {
    await writeFile(file(), content);
    expect(folderHolder(folder)).toBeUndefined();
    const lock = lockFolder(folder);
    expect(await readFile(file(), 'utf8')).toContain(String(process.pid));
    lock.release();
  });

  it('does not take another process with the same number for the one that was killed', async () => {
    await leave({ pid: process.pid, began: 'another day' });
    expect(folderHolder(folder)).toBeUndefined();
    lockFolder(folder).release();
  });

  it('waits a minute for what other machines say', async () => {
    await leave({ host: 'elsewhere' });
    await age(50);
    expect(() => lockFolder(folder)).toThrow(`on elsewhere. Wait for it, or name another folder.`);
    expect(() => lockFolder(folder)).toThrow(`delete ${file()}`);
    await age(61);
    lockFolder(folder).release();
  });
});

describe('withLock', () => {
  it('lets one work at a time, and leaves nothing', async () => {
    let working = 0;
    let waited = 0;
    const work = async (): Promise<number> => {
      expect(++working).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 50));
      return --working;
    };
    const onWait = (): void => {
      waited++;
    };
    expect(await Promise.all([1, 2, 3].map(() => withLock(file(), work, { onWait })))).toEqual([0, 0, 0]);
    expect(waited).toBeGreaterThan(0);
    await expect(withLock(file(), () => Promise.reject(new Error('no')), {})).rejects.toThrow('no');
    expect(await readdir(folder)).toEqual([]);
  });

  it('waits until it is told not to', async () => {
    const lock = lockFolder(folder);
    const abort = new AbortController();
    const reason = new Error('enough');
    let waited = 0;
    const onWait = (): void => {
      if (++waited === 3) abort.abort(reason);
    };
    const work = (): Promise<void> => Promise.reject(new Error('it has been taken'));
    await expect(withLock(file(), work, { onWait, signal: abort.signal })).rejects.toBe(reason);
    expect(waited).toBe(3);
    lock.release();
  });
});
