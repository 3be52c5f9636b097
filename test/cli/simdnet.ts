/** Runs the built command line as a process of its own, and makes small data for it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { cifar10RecordBytes } from '../../src/data/cifar10Format.ts';
import { decodeSafetensors, type SafeTensor } from '../../src/formats/safetensors.ts';

export const entry = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
export const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** For Node itself. */
  readonly nodeOptions?: readonly string[];
  /** A file that stdout is written to. */
  readonly stdoutTo?: string;
  /** Whether the reader of stdout goes away before anything has come. */
  readonly closeStdout?: boolean;
  /** Is given the process, and what has come from it on stdout and stderr each time that there is more. */
  readonly onOutput?: (child: ChildProcess, output: string) => void;
}

/**
 * Does something once, at the first output that matches: a second signal could come when the process no longer listens, just before
 * its end.
 */
export function once(
  act: (child: ChildProcess) => unknown,
  pattern = /^/,
): NonNullable<RunOptions['onOutput']> {
  let done = false;
  return (child, output) => {
    if (done || !pattern.test(output)) return;
    done = true;
    act(child);
  };
}

/** Sends a signal when the output matches, once. */
export function signalWhen(pattern: RegExp, signal: NodeJS.Signals): NonNullable<RunOptions['onOutput']> {
  return once((child) => child.kill(signal), pattern);
}

const folders: string[] = [];

/** A fresh folder that is removed after the tests of the file. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'simdnet-cli-'));
  folders.push(folder);
  return folder;
}

afterAll(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** Runs `simdnet` with the arguments until it ends. */
export async function simdnet(args: readonly string[], options: RunOptions = {}): Promise<Result> {
  // What the developer's shell has set must not matter.
  const { PATH, HOME, SystemRoot, TEMP } = process.env;
  const target = options.stdoutTo === undefined ? undefined : await open(options.stdoutTo, 'w');
  const child = spawn(process.execPath, [...(options.nodeOptions ?? []), entry, ...args], {
    cwd: options.cwd ?? tmpdir(),
    env: {
      PATH,
      HOME,
      SystemRoot,
      TEMP,
      XDG_CACHE_HOME: join(tmpdir(), 'simdnet-cli-no-cache'),
      ...options.env,
    },
    stdio: ['ignore', target?.fd ?? 'pipe', 'pipe'],
  });
  if (options.closeStdout) child.stdout?.destroy();
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    options.onOutput?.(child, stdout + stderr);
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    options.onOutput?.(child, stdout + stderr);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  await target?.close();
  return { code, stdout, stderr };
}

/** Every line parsed as JSON. @throws if one is not */
export function jsonLines(text: string): Record<string, unknown>[] {
  if (!text.endsWith('\n')) throw new Error('the last line is not ended');
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Records of the CIFAR-10 format that a network can tell apart: each label has a brightness of its own. */
export function records(count: number): Uint8Array {
  const bytes = new Uint8Array(count * cifar10RecordBytes);
  for (let record = 0; record < count; record++) {
    const start = record * cifar10RecordBytes;
    const label = (record * 7 + 3) % 10;
    bytes[start] = label;
    for (let i = 1; i < cifar10RecordBytes; i++) bytes[start + i] = label * 24 + ((i * 7 + record * 31) & 15);
  }
  return bytes;
}

/** A folder of CIFAR-10 files with so many images; without test file if `test` is 0. */
export async function cifar10Folder(train: number, test: number): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'data_batch_1.bin'), records(train));
  if (test > 0) await writeFile(join(folder, 'test_batch.bin'), records(test));
  return folder;
}

export async function readTensors(path: string): Promise<ReadonlyMap<string, SafeTensor>> {
  return decodeSafetensors(await readFile(path), path).tensors;
}
