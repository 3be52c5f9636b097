import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { cifar10RecordBytes, cifar10TestFile, cifar10TrainFiles } from '../../src/data/cifar10Format.ts';

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

/**
 * `count` records of the CIFAR-10 format, the first with label `firstLabel`, the next with the one after, and so on;
 * every byte of the images differs from its neighbours.
 */
export function records(count: number, firstLabel = 0): Uint8Array {
  const bytes = new Uint8Array(count * cifar10RecordBytes);
  for (let record = 0; record < count; record++) {
    const start = record * cifar10RecordBytes;
    for (let i = 1; i < cifar10RecordBytes; i++) bytes[start + i] = (i * 7 + (i >> 8) + record * 31) & 255;
    bytes[start] = (firstLabel + record) % 10;
  }
  return bytes;
}

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
