/** The built command line, as people use it: each training a process of its own. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ENTRY = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface RunOptions {
  /** Is told of each epoch that is over, and may end the process at once. */
  readonly onEpoch?: (epoch: number, kill: () => void) => void;
}

/** @returns what it printed @throws Error with what it said if it fails, but not if it was killed */
export async function simdnet(args: readonly string[], { onEpoch }: RunOptions = {}): Promise<string> {
  const child = spawn(process.execPath, [ENTRY, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr, epochs] = ['', '', 0];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    const over = stdout.match(/^Epoch +\d+\/\d+ .*\n/gm)?.length ?? 0;
    for (; epochs < over; epochs++) onEpoch?.(epochs + 1, () => child.kill('SIGKILL'));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...ending) => {
      resolve(ending);
    });
  });
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`simdnet ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** How many of the images of a test are told right, from 0 to 1. */
export interface Tested {
  /** Of those that were kept from the folder. */
  readonly own: number;
  /** Of the test set of CIFAR-10. */
  readonly cifar10: number;
}

/** Of a model that was trained into the folder `run`. @param dataDir  of CIFAR-10 */
export async function testedModel(run: string, dataDir: string): Promise<Tested> {
  const { test } = JSON.parse(await readFile(join(run, 'run.json'), 'utf8')) as {
    test: { accuracy: number };
  };
  const model = join(run, 'model.safetensors');
  const line = await simdnet(['evaluate', '--model', model, '--data-dir', dataDir, '--json']);
  return { own: test.accuracy, cifar10: (JSON.parse(line) as { accuracy: number }).accuracy };
}
