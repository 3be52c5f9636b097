/** Runs the command line so that something goes wrong. */
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const faults = new URL('faults.mjs', import.meta.url).href;

/** See faults.mjs. */
export type Fault =
  | { readonly kind: 'count'; readonly to: string }
  | { readonly kind: 'kill'; readonly at: number; readonly half: boolean }
  | { readonly kind: 'full'; readonly from: number; readonly to: number };

/** A signal some time after the start. */
export interface Blow {
  readonly signal: NodeJS.Signals;
  /** In milliseconds. */
  readonly after: number;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  readonly stdout: string;
  readonly milliseconds: number;
}

/** What hangs longer than this has failed, in milliseconds. */
const PATIENCE = 120_000;

export async function simdnet(
  args: readonly string[],
  cwd: string,
  { fault, blows = [] }: { readonly fault?: Fault; readonly blows?: readonly Blow[] } = {},
): Promise<Ended> {
  const begin = performance.now();
  const child = spawn(process.execPath, ['--import', faults, entry, ...args], {
    cwd,
    env: { ...process.env, CHAOS_FAULT: JSON.stringify(fault ?? {}), NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const timers = [
    ...blows.map(({ signal, after }) => setTimeout(() => child.kill(signal), after)),
    setTimeout(() => {
      stderr += '\nIt hung.';
      child.kill('SIGKILL');
    }, PATIENCE),
  ];
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...result) => {
      resolve(result);
    });
  });
  for (const timer of timers) clearTimeout(timer);
  return { code, signal, stdout, stderr, milliseconds: performance.now() - begin };
}

/** Temporary files in a folder and below. */
export async function leftovers(folder: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true });
  return all.filter((path) => /(^|\/)\.simdnet/.test(path));
}
