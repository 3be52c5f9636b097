import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decodeInOrder, type DecodedPicture } from '../../src/data/decodeInOrder.ts';
import { DecodingThreads } from '../../src/data/decodingThreads.ts';
import type { PictureFile } from '../../src/data/pictureFiles.ts';
import { encodePng } from '../../src/formats/png.ts';

const size = { width: 2, height: 1, channels: 3 } as const;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simdnet-decode-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Grey pictures, each of its own shade; every seventh is none. */
async function pictures(count: number): Promise<PictureFile[]> {
  const files = Array.from({ length: count }, (_, i) => ({ path: join(folder, `${i}.png`) }));
  for (const [i, { path }] of files.entries()) {
    const data = Uint8Array.from({ length: 4 * 4 }, (_, at) => (at % 4 === 3 ? 255 : i));
    await writeFile(path, i % 7 === 3 ? 'no picture' : encodePng({ width: 4, height: 1, data }));
  }
  return files;
}

async function all(files: readonly PictureFile[], threads?: number): Promise<DecodedPicture[]> {
  const decoded: DecodedPicture[] = [];
  for await (const chunk of decodeInOrder(files, size, {}, threads)) decoded.push(...chunk);
  return decoded;
}

it.each([
  [0, 2],
  [5, 2],
  [16, 2],
  [17, 1],
  [100, 1],
  [100, 3],
])(
  'gives %d pictures in their order, with %d threads, and what is wrong with some',
  async (count, threads) => {
    const files = await pictures(count);
    if (count > 20) files[20] = { path: 'a folder', failure: 'there is no picture in a folder' };
    const decoded = await all(files, threads);
    expect(decoded).toHaveLength(count);
    decoded.forEach((each, i) => {
      expect(each.path).toBe(files[i]!.path);
      if (i === 20) expect(each).toEqual({ path: 'a folder', failure: 'there is no picture in a folder' });
      else if (i % 7 === 3)
        expect(each).toMatchObject({ failure: expect.stringContaining(`${i}.png is not a PNG`) as string });
      else expect('pixels' in each && [...each.pixels]).toEqual(new Array<number>(6).fill(i));
    });
  },
);

it('ends its threads where nobody wants more', async () => {
  const files = await pictures(100);
  for await (const chunk of decodeInOrder(files, size, {}, 2)) {
    expect(chunk[0]!.path).toBe(files[0]!.path);
    break;
  }
});

it('loses only the picture that ends its thread', async () => {
  const entry = join(folder, 'thread.mjs');
  await writeFile(
    entry,
    `import { parentPort } from 'node:worker_threads';
     parentPort.on('message', ({ id, paths }) => {
       if (paths.includes('bad')) process.exit(7);
       parentPort.postMessage({ id, decoded: { pixels: new Uint8Array(6 * paths.length).fill(9), failures: paths.map(() => undefined) } });
     });`,
  );
  const threads = new DecodingThreads(1, size, {}, pathToFileURL(entry));
  const [first, second, third] = await Promise.all([
    threads.decode(['a', 'bad', 'b']),
    threads.decode(['c', 'd']),
    threads.decode(['bad']),
  ]);
  expect(first.failures).toEqual([
    undefined,
    'cannot decode bad: its thread ended unexpectedly, exit code 7',
    undefined,
  ]);
  expect([...first.pixels]).toEqual([9, 9, 9, 9, 9, 9, 0, 0, 0, 0, 0, 0, 9, 9, 9, 9, 9, 9]);
  expect(second).toEqual({ pixels: new Uint8Array(12).fill(9), failures: [undefined, undefined] });
  expect(third.failures[0]).toContain('cannot decode bad');
  expect((await threads.decode(['e'])).failures).toEqual([undefined]);
  await threads.end();
});
