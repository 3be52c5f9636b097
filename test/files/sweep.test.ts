import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { sweep } from '../../src/files/sweep.ts';

const OURS = [
  '.simdnet-123-0123456789ab.tmp',
  '.simdnet-fashion-mnist.lock',
  '.cifar-10-batches-bin-aB3xY9',
  '.cifar-100-binary-aB3xY9',
];
const OTHERS = [
  '.simdnet-123.tmp',
  '.simdnet-123-0123456789ab.tmp.keep',
  'simdnet-123-0123456789ab.tmp',
  '.cifar-10-batches-bin-old',
  'cifar-10-batches-bin',
  'cifar-10-binary.tar.gz.partial',
  'model.safetensors',
];

async function fill(folder: string, names: readonly string[], hoursAgo: number): Promise<void> {
  const time = new Date(Date.now() - hoursAgo * 3600_000);
  for (const name of names) {
    const path = join(folder, name);
    if (name.includes('cifar-10-batches')) {
      await mkdir(path);
      await writeFile(join(path, OURS[0]!), '');
      await utimes(join(path, OURS[0]!), time, time);
    } else await writeFile(path, '');
    await utimes(path, time, time);
  }
}

it('removes what is old and has a name of our own, and nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'simdnet-sweep-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await fill(folder, [...OURS, ...OTHERS], 25);
  const young = '.simdnet-124-0123456789ab.tmp';
  await fill(folder, [young], 23);
  await sweep(folder);
  expect((await readdir(folder)).sort()).toEqual([...OTHERS, young].sort());
  // Not in the folders in it, either.
  expect(await readdir(join(folder, 'cifar-10-batches-bin'))).toEqual([OURS[0]]);
});

it('does nothing where there is no folder', async () => {
  await sweep(join(tmpdir(), 'simdnet-sweep-of-nothing'));
});
