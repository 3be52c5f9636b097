/** Folders that one process at a time works in: a file in them says which. */
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { SimdnetError } from '../errors.ts';

const NAME = '.simdnet.lock';

/** Who works in a folder. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Tells the process from later ones with the same number, where the system says when processes began. */
  readonly began: string;
}

export interface Lock {
  /** Lets others work in the folder. */
  release(): Promise<void>;
}

/**
 * Claims a folder. What a process has left that was killed counts for nothing.
 * @throws SimdnetError if another process works in it, or it cannot be written to
 */
export async function lockFolder(folder: string): Promise<Lock> {
  const path = join(folder, NAME);
  const own = JSON.stringify({ pid: process.pid, host: hostname(), began: beginOf(process.pid) });
  for (;;) {
    if (await createWhole(path, beside(folder), own)) return held(path);
    const found = await readFile(path, 'utf8').catch(() => undefined);
    if (found === undefined) continue;
    const holder = parse(found);
    if (holder && isAlive(holder)) throw heldBy(folder, path, holder);
    // Moved away rather than deleted: another process may have put its own there since.
    const moved = beside(folder);
    await rename(path, moved).catch(() => undefined);
    const taken = await readFile(moved, 'utf8').catch(() => found);
    if (taken !== found) await link(moved, path).catch(() => undefined);
    await rm(moved, { force: true });
  }
}

/** Who works in a folder now; nobody if whoever did was killed. */
export async function holderOf(folder: string): Promise<Holder | undefined> {
  const holder = parse(await readFile(join(folder, NAME), 'utf8').catch(() => ''));
  return holder && isAlive(holder) ? holder : undefined;
}

/** However the process ends, unless it is killed, the file goes. */
function held(path: string): Lock {
  const remove = (): void => {
    rmSync(path, { force: true });
  };
  process.once('exit', remove);
  return {
    release: async () => {
      process.off('exit', remove);
      await rm(path, { force: true });
    },
  };
}

/** Creates a file with all its content at once. @returns whether it was not there */
async function createWhole(path: string, temporary: string, content: string): Promise<boolean> {
  try {
    await writeFile(temporary, content, { flag: 'wx' });
    await link(temporary, path).catch(async (error: unknown) => {
      // Not every file system has links.
      if (codeOf(error) === 'EEXIST') throw error;
      await writeFile(path, content, { flag: 'wx' });
    });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** The name of a temporary file. */
function beside(folder: string): string {
  return join(folder, `.simdnet-${process.pid}-${randomBytes(6).toString('hex')}.tmp`);
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function parse(text: string): Holder | undefined {
  try {
    const { pid, host, began } = JSON.parse(text) as Partial<Holder>;
    if (typeof pid === 'number' && typeof host === 'string' && typeof began === 'string')
      return { pid, host, began };
  } catch {
    // Not ours, or damaged: nobody's.
  }
  return undefined;
}

function isAlive({ pid, host, began }: Holder): boolean {
  // Of another machine nothing can be known.
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
  }
  return beginOf(pid) === began;
}

/** When a process began, as far as the system tells. */
function beginOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    // Behind the name, which may have spaces and brackets: the state, and as the 20th field clock ticks since the system began.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? '' : `${boot} ${fields[19]!}`;
  } catch {
    return '';
  }
}

function heldBy(folder: string, path: string, { pid, host }: Holder): SimdnetError {
  const where = host === hostname() ? '' : ` on ${host}`;
  return new SimdnetError(
    `Another process works in ${folder}: number ${pid}${where}. Wait for it, or name another folder. ` +
      `If there is no such process any more, delete ${path}.`,
  );
}
