import { appendFile, readdir, readFile, rename, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LabelledImages } from '../../../src/data/dataset.ts';
import { commonSize } from '../../../src/data/pictures/commonSize.ts';
import { loadPictures, type LoadPictureOptions } from '../../../src/data/pictures/loadPictures.ts';
import { listPictures } from '../../../src/data/pictures/pictureFolder.ts';
import { splitPictures } from '../../../src/data/pictures/split.ts';
import { areStored } from '../../../src/data/storedImages.ts';
import { classFolder, emptyFolder, picture, writeAll } from './folder.ts';

const SIZE = 8 * 6 * 3;
const SPLIT = { testSplit: 0.2, validationSplit: 0.2, splitSeed: 0 };

async function load(root: string, options: Partial<LoadPictureOptions> = {}) {
  const folder = await listPictures(root);
  const seen: number[] = [];
  const loaded = await loadPictures(folder, splitPictures(folder, SPLIT), ['train', 'validation', 'test'], {
    geometry: { width: 8, height: 6, fit: 'crop' },
    skipUnreadable: false,
    memoryBytes: 1e9,
    cache: join(root, '.cache'),
    onProgress: (done) => seen.push(done),
    ...options,
  });
  return { ...loaded, decoded: seen.length };
}

async function bytesOf({ images, count }: LabelledImages): Promise<Uint8Array> {
  if (!areStored(images)) return images;
  const bytes = new Uint8Array(count * SIZE);
  await images.read(
    Uint32Array.from({ length: count }, (_, i) => i),
    bytes,
  );
  return bytes;
}

async function contents(loaded: Awaited<ReturnType<typeof load>>) {
  const sets = Object.entries(loaded.sets);
  return Promise.all(sets.map(async ([part, set]) => [part, await bytesOf(set), set.labels] as const));
}

const cached = async (root: string) => (await readdir(join(root, '.cache'))).sort();

describe('loadPictures', () => {
  it('gives the same from a file as in memory, and decodes once for it', async () => {
    const root = await classFolder({ a: 12, b: 9 });
    const inMemory = await load(root);
    expect([inMemory.file, inMemory.decoded]).toEqual([undefined, 21]);
    const fromFile = await load(root, { memoryBytes: 20 * SIZE });
    expect([areStored(fromFile.sets.train!.images), fromFile.decoded]).toEqual([true, 21]);
    expect(await contents(fromFile)).toEqual(await contents(inMemory));
    const again = await load(root, { memoryBytes: 0 });
    expect(again.decoded).toBe(0);
    expect(await contents(again)).toEqual(await contents(inMemory));
    // A file that is there is used even where there is room.
    const roomy = await load(root);
    expect([roomy.decoded, roomy.file]).toEqual([0, again.file]);
    for (const each of [fromFile, again, roomy]) await each.close();
  });

  it('reads rows in any order, and twice', async () => {
    const root = await classFolder({ a: 12, b: 9 });
    const { sets, close } = await load(root, { memoryBytes: 0 });
    const all = await bytesOf(sets.train!);
    const rows = Uint32Array.of(5, 6, 7, 0, 0, 3);
    const read = new Uint8Array(rows.length * SIZE);
    if (!areStored(sets.train!.images)) throw new Error('in memory');
    await sets.train!.images.read(rows, read);
    rows.forEach((row, i) => {
      expect(read.subarray(i * SIZE, (i + 1) * SIZE)).toEqual(all.subarray(row * SIZE, (row + 1) * SIZE));
    });
    await close();
  });

  it('makes the file anew when a picture is changed, added or removed, and lets go of the old one', async () => {
    const root = await classFolder({ a: 6, b: 6 });
    const decodedBy = async (): Promise<number> => {
      const { close, decoded } = await load(root, { memoryBytes: 0 });
      await close();
      expect(await cached(root)).toHaveLength(1);
      return decoded;
    };
    expect([await decodedBy(), await decodedBy()]).toEqual([12, 0]);
    await writeAll(root, { 'a/0.png': picture(0, 'other') });
    expect([await decodedBy(), await decodedBy()]).toEqual([12, 0]);
    await utimes(join(root, 'a/1.png'), 1, 1);
    expect(await decodedBy()).toBe(12);
    await rename(join(root, 'a/2.png'), join(root, 'a/moved.png'));
    expect(await decodedBy()).toBe(12);
  });

  it.each(['cut short', 'longer', 'damaged'])('makes a file anew that is %s', async (how) => {
    const root = await classFolder({ a: 6, b: 6 });
    const first = await load(root, { memoryBytes: 0 });
    await first.close();
    const { length } = await readFile(first.file!);
    if (how === 'cut short') await truncate(first.file!, length - 1);
    else if (how === 'longer') await appendFile(first.file!, 'x');
    else await writeFile(first.file!, new Uint8Array(length));
    const again = await load(root, { memoryBytes: 0 });
    expect(again.decoded).toBe(12);
    await again.close();
  });

  it('leaves nothing behind when it is interrupted', async () => {
    const root = await classFolder({ a: 20, b: 20 });
    const controller = new AbortController();
    const reason = new Error('enough');
    const options = {
      memoryBytes: 0,
      signal: controller.signal,
      onProgress: (done: number) => {
        if (done === 5) controller.abort(reason);
      },
    };
    await expect(load(root, options)).rejects.toBe(reason);
    expect(await cached(root)).toEqual([]);
  });

  it.each([1e9, 0])(
    'names a picture that cannot be read, or leaves it out (memory: %d bytes)',
    async (memoryBytes) => {
      const root = await classFolder({ a: 12, b: 12 });
      const good = await load(root);
      const bad = ['a/3.png', 'b/7.png'];
      await writeAll(root, { 'a/3.png': 'no picture', 'b/7.png': picture(1, '7').slice(0, 200) });
      await expect(load(root, { memoryBytes })).rejects.toThrow(
        /(a.3\.png is not a PNG, JPEG or WebP file|b.7\.png: the PNG file is cut short).*--skip-unreadable/,
      );
      for (let run = 0; run < 2; run++) {
        const { sets, skipped, close } = await load(root, { memoryBytes, skipUnreadable: true });
        expect(
          skipped.map(({ reason }) => bad.findIndex((path) => reason.includes(join(root, path)))),
        ).toEqual([0, 1]);
        const count = Object.values(sets).reduce((sum, set) => sum + set.count, 0);
        expect(count).toBe(22);
        // All others are where they were.
        for (const [part, set] of Object.entries(sets)) {
          const before = good.sets[part as 'train']!;
          const [all, kept] = [await bytesOf(before), await bytesOf(set)];
          const rows = Array.from({ length: before.count }, (_, i) => all.subarray(i * SIZE, (i + 1) * SIZE));
          let from = 0;
          for (let row = 0; row < set.count; row++) {
            const one = kept.subarray(row * SIZE, (row + 1) * SIZE);
            while (from < rows.length && Buffer.compare(rows[from]!, one) !== 0) from++;
            expect(before.labels[from++], `${part} ${row}`).toBe(set.labels[row]);
          }
        }
        await close();
      }
      // What was left out once is not forgotten.
      await expect(load(root, { memoryBytes })).rejects.toThrow('--skip-unreadable');
    },
  );

  it('does not train on a class of which nothing can be read', async () => {
    const root = await classFolder({ a: 4, b: 1 });
    await writeAll(root, { 'b/0.png': 'no picture' });
    await expect(load(root, { skipUnreadable: true })).rejects.toThrow(
      'there is no picture of the class "b" to train on',
    );
  });
});

describe('commonSize', () => {
  it('is that of all pictures, as long as it is small', async () => {
    const root = await emptyFolder();
    const sizeOf = async () => commonSize(await listPictures(root));
    await writeAll(root, {
      'a/1.png': picture(0, '1', 20, 30),
      'b/1.png': picture(1, '1', 20, 30),
      'b/2.png': 'none',
    });
    expect(await sizeOf()).toEqual({ width: 20, height: 30 });
    await writeAll(root, { 'b/2.png': picture(1, '2', 21, 30) });
    expect(await sizeOf()).toEqual({ width: 64, height: 64 });
    const large = await emptyFolder();
    await writeAll(large, { 'a/1.png': picture(0, '1', 129, 30), 'b/1.png': picture(1, '1', 129, 30) });
    expect(await commonSize(await listPictures(large))).toEqual({ width: 64, height: 64 });
  });
});
