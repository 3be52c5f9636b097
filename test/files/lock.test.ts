import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { withLock } from '../../src/files/lock.ts';

async function setUp(): Promise<{ folder: string; path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'simdnet-lock-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return { folder, path: join(folder, '.simdnet-test.lock') };
}

it('lets one work at a time, and leaves nothing', async () => {
  const { folder, path } = await setUp();
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
  expect(await Promise.all([1, 2, 3].map(() => withLock(path, work, { onWait })))).toEqual([0, 0, 0]);
  expect(waited).toBeGreaterThan(0);
  await expect(withLock(path, () => Promise.reject(new Error('no')), {})).rejects.toThrow('no');
  expect(await readdir(folder)).toEqual([]);
});

// No process has this number.
const GONE = 2 ** 30;

it.each([
  ['whose process is gone', `${GONE} ${hostname()}\n`, 0],
  ['of another machine that has not touched it for a minute', `1 elsewhere\n`, 61],
  ['of a process that stands still', `${process.pid} ${hostname()}\n`, 61],
])('takes over a lock %s', async (_, text, secondsAgo) => {
  const { path } = await setUp();
  await writeFile(path, text);
  const time = new Date(Date.now() - secondsAgo * 1000);
  await utimes(path, time, time);
  expect(await withLock(path, () => Promise.resolve('done'), {})).toBe('done');
});

it.each([
  ['whose process lives', `${process.pid} ${hostname()}\n`],
  ['of another machine', `${GONE} elsewhere\n`],
  ['that has not been written yet', ''],
])('waits for a lock %s, until it is told not to', async (_, text) => {
  const { folder, path } = await setUp();
  await writeFile(path, text);
  const abort = new AbortController();
  const reason = new Error('enough');
  let waited = 0;
  const onWait = (): void => {
    if (++waited === 3) abort.abort(reason);
  };
  const work = (): Promise<void> => Promise.reject(new Error('it has been taken'));
  await expect(withLock(path, work, { onWait, signal: abort.signal })).rejects.toBe(reason);
  expect(waited).toBe(3);
  expect(await readdir(folder)).toHaveLength(1);
});
