import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { cifar10TestFile, cifar10TrainFiles } from '../../src/data/cifar10Format.ts';
import { cifar100Records, records } from './records.ts';

export { cifar100Records, records };

const folders: string[] = [];

/** A fresh folder that is removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'simdnet-data-'));
  folders.push(folder);
  return folder;
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** Writes all six files into `folder`, `count` records each; file number k begins with label k. */
export async function writeCifar10(folder: string, count = 2): Promise<void> {
  for (const [k, name] of [...cifar10TrainFiles, cifar10TestFile].entries()) {
    await writeFile(join(folder, name), records(count, k));
  }
}

/** What a promise was rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('the promise was not rejected with an Error');
}
