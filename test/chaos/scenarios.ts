/** What can go wrong in a training: each does it once, and says what was not as it should be. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RandomStream } from '../../src/random.ts';
import { leftovers, simdnet, type Ended } from './command.ts';

/** A training, and how long it takes if nothing goes wrong. */
export interface Subject {
  /** `train` and its options. */
  readonly args: readonly string[];
  /** The folder in which commands run. */
  readonly cwd: string;
  /** In milliseconds, of the whole command. */
  readonly milliseconds: number;
  /** What it does to files. */
  readonly operations: number;
  readonly random: RandomStream;
}

/** The run's folder, from cwd. */
export const RUN = 'run';

/** @returns what was wrong */
export type Scenario = (subject: Subject, command: readonly string[]) => Promise<readonly string[]>;

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'SIGKILL at any moment': async ({ cwd, milliseconds, random }, command) => {
    await simdnet(command, cwd, { blows: [{ signal: 'SIGKILL', after: random.uniform() * milliseconds }] });
    return [];
  },

  'SIGKILL at a file operation': async ({ cwd, operations, random }, command) => {
    const fault = { kind: 'kill', at: 1 + random.below(operations), half: random.below(2) === 1 } as const;
    const ended = await simdnet(command, cwd, { fault });
    // What goes on has less to do, and may be done before.
    return ended.signal === 'SIGKILL' || ended.code === 0 ? [] : [said('It was to be killed', ended)];
  },

  'SIGINT or SIGTERM': async ({ cwd, milliseconds, random }, command) => {
    const signal = random.below(2) === 0 ? 'SIGINT' : 'SIGTERM';
    const after = random.uniform() * milliseconds;
    return calm(await simdnet(command, cwd, { blows: [{ signal, after }] }), cwd);
  },

  'Ctrl-C twice': async ({ cwd, milliseconds, random }, command) => {
    const after = random.uniform() * milliseconds;
    const blows = [after, after + 1 + random.below(100)].map((at) => ({
      signal: 'SIGINT' as const,
      after: at,
    }));
    return calm(await simdnet(command, cwd, { blows }), cwd);
  },

  'A full disk for a while': async ({ cwd, operations, random }, command) => {
    const from = 1 + random.below(operations);
    const ended = await simdnet(command, cwd, { fault: { kind: 'full', from, to: from + random.below(20) } });
    const wrong = [...(await unclean(cwd)), ...traces(ended)];
    if (ended.code !== 0 && !ended.stderr.includes('disk is full'))
      wrong.push(said('No word of the disk', ended));
    return wrong;
  },

  'A full disk to the end': async ({ cwd, operations, random }, command) => {
    const from = 1 + random.below(operations);
    const ended = await simdnet(command, cwd, { fault: { kind: 'full', from, to: 1e9 } });
    const wrong = [...(await unclean(cwd)), ...traces(ended)];
    if (ended.code !== 0 && !ended.stderr.includes('disk is full'))
      wrong.push(said('No word of the disk', ended));
    return wrong;
  },

  'A damaged checkpoint': async ({ cwd, milliseconds, random }, command) => {
    await simdnet(command, cwd, { blows: [{ signal: 'SIGKILL', after: random.uniform() * milliseconds }] });
    const folder = join(cwd, RUN, 'checkpoints');
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith('epoch-')).sort();
    const last = names.at(-1);
    if (last === undefined) return [];
    const bytes = await readFile(join(folder, last));
    const at = random.below(bytes.length);
    bytes[at]! ^= 1 << random.below(8);
    await writeFile(join(folder, last), random.below(2) === 0 ? bytes : bytes.subarray(0, at));
    return [];
  },
};

/** An end in good order: as documented, with nothing left behind. */
async function calm(ended: Ended, cwd: string): Promise<readonly string[]> {
  const { code, signal } = ended;
  // Before it listens for signals, they end it as they end any program.
  const fine = code === 0 || code === 130 || code === 143 || signal === 'SIGINT' || signal === 'SIGTERM';
  return [
    ...(fine ? [] : [said('Another end than was asked for', ended)]),
    ...(await unclean(cwd)),
    ...traces(ended),
  ];
}

async function unclean(cwd: string): Promise<string[]> {
  const left = await leftovers(cwd);
  return left.length > 0 ? [`Left behind: ${left.join(', ')}`] : [];
}

function traces(ended: Ended): string[] {
  return /\n {4}at /.test(ended.stderr) ? [said('A stack trace', ended)] : [];
}

export function said(what: string, { code, signal, stderr }: Ended): string {
  return `${what}: exit ${code ?? signal ?? ''}, ${JSON.stringify(stderr.slice(-500))}`;
}
