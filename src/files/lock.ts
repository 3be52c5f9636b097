/** One process at a time: a file says which, and others give up or wait. */
import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SimdnetError } from '../errors.ts';
import { holdTemporary, temporaryBeside } from './temporary.ts';

/** How often the file is touched, and when it counts as left behind on another machine, in milliseconds. */
const TOUCH = 10_000;
const STALE = 60_000;

const POLL = 100;

/** Who has a lock. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Tells the process from later ones with the same number, where the system says when processes began. */
  readonly began: string;
}

export interface Lock {
  /** Lets others have it. */
  release(): void;
}

export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called again and again while another process has the lock. */
  readonly onWait?: (() => void) | undefined;
}

/**
 * Claims a folder.
 * @throws SimdnetError if another process works in it; what the system says if it cannot be written to
 */
export function lockFolder(folder: string): Lock {
  const path = lockIn(folder);
  const lock = take(path);
  if ('release' in lock) return lock;
  const where = lock.host === hostname() ? '' : ` on ${lock.host}`;
  throw new SimdnetError(
    `Another process works in ${folder}: number ${lock.pid}${where}. Wait for it, or name another folder. ` +
      `If there is no such process any more, delete ${path}.`,
  );
}

/** Who works in a folder now; nobody if whoever did was killed. */
export function folderHolder(folder: string): Holder | undefined {
  return holderOf(lockIn(folder));
}

/**
 * Does something while the file `path` says so to others.
 * @throws what the system says if the file cannot be made, the signal's reason, what `work` throws
 */
export async function withLock<T>(path: string, work: () => Promise<T>, options: WaitOptions): Promise<T> {
  let lock = take(path);
  while (!('release' in lock)) {
    options.signal?.throwIfAborted();
    options.onWait?.();
    await delay(POLL, undefined, options.signal && { signal: options.signal }).catch(() => undefined);
    options.signal?.throwIfAborted();
    lock = take(path);
  }
  try {
    return await work();
  } finally {
    lock.release();
  }
}

function lockIn(folder: string): string {
  return join(folder, '.simdnet-run.lock');
}

/**
 * Makes the file, which goes when the process exits. What was left by a process that is gone counts for nothing. Nothing is
 * waited for in between, so that no signal can come between the file and its being held.
 * @returns whoever has it, if that is another
 */
function take(path: string): Lock | Holder {
  const own = JSON.stringify({ pid: process.pid, host: hostname(), began: beginOf(process.pid) });
  for (;;) {
    if (createWhole(path, own)) return held(path);
    const text = textOf(path);
    const holder = holderOf(path);
    if (holder) return holder;
    // Moved away rather than deleted: another process may have put its own there since.
    const moved = temporaryBeside(path);
    try {
      renameSync(path, moved);
      if (textOf(moved) !== text) linkSync(moved, path);
    } catch {
      // Another was faster.
    }
    rmSync(moved, { force: true });
  }
}

function held(path: string): Lock {
  const letGo = holdTemporary(path);
  const timer = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, TOUCH);
  timer.unref();
  return {
    release: () => {
      clearInterval(timer);
      rmSync(path, { force: true });
      letGo();
    },
  };
}

/** Creates a file with all its content at once. @returns whether it was not there */
function createWhole(path: string, content: string): boolean {
  const temporary = temporaryBeside(path);
  try {
    writeFileSync(temporary, content, { flag: 'wx' });
    try {
      linkSync(temporary, path);
    } catch (error) {
      // Not every file system has links.
      if (codeOf(error) === 'EEXIST') throw error;
      writeFileSync(path, content, { flag: 'wx' });
    }
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function holderOf(path: string): Holder | undefined {
  try {
    const { pid, host, began } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Holder>;
    if (typeof pid !== 'number' || typeof host !== 'string' || typeof began !== 'string') return undefined;
    const alive = host === hostname() ? isAlive(pid, began) : Date.now() - statSync(path).mtimeMs < STALE;
    return alive ? { pid, host, began } : undefined;
  } catch {
    // Not there, not ours, or damaged: nobody's.
    return undefined;
  }
}

function isAlive(pid: number, began: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
  }
  return beginOf(pid) === began;
}

/** When a process began, as far as the system tells; nothing for one that has ended. */
function beginOf(pid: number): string {
  const stat = textOf(`/proc/${pid}/stat`) ?? '';
  const boot = textOf('/proc/sys/kernel/random/boot_id') ?? '';
  // Behind the name, which may have spaces and brackets: the state, and as the 20th field clock ticks since the system began.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return stat === '' || fields[0] === 'Z' ? '' : `${boot.trim()} ${fields[19]!}`;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
