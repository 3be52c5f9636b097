/** Has children run all iterations; one that ends before its time, or hangs, makes a failure of the iteration that it was at. */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Batch } from './child.ts';
import { inputOf, type Outcome } from './iteration.ts';
import { targetOf } from './targets/all.ts';

/** Of the child's heap, in MB: more than any file may take. */
const HEAP = 768;

/** So long an iteration may be under way by the clock, before the child is ended. */
const PATIENCE = 20_000;

export interface RunOptions {
  readonly seed: number;
  readonly iterations: number;
  readonly onOutcome: (outcome: Outcome, iteration: number) => void;
}

export async function runAll({ seed, iterations, onOutcome }: RunOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'simdnet-fuzz-'));
  const progress = join(folder, 'iteration');
  const skipped: number[] = [];
  let next = 0;
  const receive = (batch: Batch): void => {
    next = batch.next;
    for (const { iteration, ...outcome } of batch.outcomes) onOutcome(outcome, iteration);
  };
  try {
    while (next < iterations) {
      writeFileSync(progress, new Uint8Array(8));
      const args = [seed, next, iterations, progress, ...skipped].map(String);
      const ended = await child(args, progress, receive);
      if (ended === undefined) continue;
      const at = iterationIn(progress);
      skipped.push(at);
      const fileBytes = (await inputOf(seed, at)).length;
      onOutcome(
        { target: targetOf(at).name, kind: 'failure', seconds: 0, memory: 0, fileBytes, message: ended },
        at,
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @returns why it ended, if not because it was done */
async function child(
  args: readonly string[],
  progress: string,
  receive: (batch: Batch) => void,
): Promise<string | undefined> {
  const script = fileURLToPath(new URL('child.ts', import.meta.url));
  const process = fork(script, args, {
    execArgv: ['--conditions=simdnet-source', '--import', 'tsx', `--max-old-space-size=${HEAP}`],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  process.on('message', receive);
  let errors = '';
  process.stderr!.on('data', (part: Buffer) => (errors = (errors + part.toString()).slice(0, 10_000)));
  const watch = watchOver(process, progress);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    process.once('close', (...how: [number | null, NodeJS.Signals | null]) => {
      resolve(how);
    }),
  );
  watch.end();
  if (code === 0) return undefined;
  const why = watch.hung ? `it hung for ${PATIENCE / 1000} s` : `the process ended with ${signal ?? code}`;
  return `${why}: ${errors.slice(0, 1000)}`;
}

function watchOver(process: ChildProcess, progress: string): { end: () => void; readonly hung: boolean } {
  let [at, since, hung] = [-1, Date.now(), false];
  const timer = setInterval(() => {
    const now = iterationIn(progress);
    if (now !== at) [at, since] = [now, Date.now()];
    else if (Date.now() - since > PATIENCE) {
      hung = true;
      process.kill('SIGKILL');
    }
  }, 500);
  return {
    end: () => {
      clearInterval(timer);
    },
    get hung() {
      return hung;
    },
  };
}

function iterationIn(progress: string): number {
  const bytes = readFileSync(progress);
  return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true);
}
