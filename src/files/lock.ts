/** One process at a time: the others wait for it. */
import { writeFileSync } from 'node:fs';
import { readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { holdTemporary } from './temporary.ts';

/** How often the file is touched, and when it counts as left behind, in milliseconds. */
const TOUCH = 10_000;
const STALE = 60_000;

const POLL = 100;

export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called again and again while another process has the lock. */
  readonly onWait?: (() => void) | undefined;
}

/**
 * Does something while the file `path` says so to others. A lock whose process is gone is taken over; if several do so in the same
 * moment, they go on together, so the work must bear that.
 * @throws what the system says if the file cannot be made, the signal's reason, what `work` throws
 */
export async function withLock<T>(path: string, work: () => Promise<T>, options: LockOptions): Promise<T> {
  let release = take(path);
  for (; !release; release = take(path)) {
    options.signal?.throwIfAborted();
    if (await isLeft(path)) {
      await rm(path, { force: true });
      continue;
    }
    options.onWait?.();
    await delay(POLL, undefined, options.signal && { signal: options.signal }).catch(() => undefined);
  }
  const timer = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, TOUCH);
  timer.unref();
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await rm(path, { force: true });
    release();
  }
}

/** Makes the file, and holds it without a pause in between, so that it cannot stay. @returns nothing if somebody else has it */
function take(path: string): (() => void) | undefined {
  try {
    writeFileSync(path, `${process.pid} ${hostname()}\n`, { flag: 'wx' });
    return holdTemporary(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
}

/** Whether its process is gone, as far as can be told from here. */
async function isLeft(path: string): Promise<boolean> {
  try {
    const [text, { mtimeMs }] = [await readFile(path, 'utf8'), await stat(path)];
    if (Date.now() - mtimeMs > STALE) return true;
    const [, pid, host] = /^(\d+) (.+)\n$/.exec(text) ?? [];
    return host === hostname() && !isAlive(Number(pid));
  } catch {
    // It has just been removed.
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
