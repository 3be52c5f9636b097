import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { vectorUnits } from '../../bench/vectorUnits.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simdnet-vectors-'));
  path = join(folder, 'cpuinfo');
});

afterEach(() => rm(folder, { recursive: true }));

it.each([
  ['AuthenticAMD', 25, 'sse2 avx avx2', 'AVX2'],
  ['AuthenticAMD', 25, 'sse2 avx avx2 avx512f avx512bw', 'AVX-512 at half width'],
  ['AuthenticAMD', 26, 'sse2 avx avx2 avx512f avx512bw', 'AVX-512'],
  ['GenuineIntel', 6, 'sse2 avx avx2 avx512f avx512bw', 'AVX-512'],
  ['GenuineIntel', 6, 'sse2 avx', undefined],
])('%s of family %i with %s has %s', async (vendor, family, flags, expected) => {
  const core = `vendor_id\t: ${vendor}\ncpu family\t: ${family}\nflags\t\t: fpu ${flags}\n\n`;
  await writeFile(path, core.repeat(2));
  expect(await vectorUnits(path)).toBe(expected);
});

it('is not known where the system tells nothing', async () => {
  expect(await vectorUnits(path)).toBeUndefined();
});
