import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { readTar } from '../../src/browser/trainer/tar.ts';

/** A real archive. */
async function archiveOf(
  entries: readonly (readonly [name: string, contents: string])[],
): Promise<Uint8Array> {
  const tar = pack();
  tar.entry({ name: 'folder', type: 'directory' });
  for (const [name, contents] of entries) tar.entry({ name }, contents);
  tar.entry({ name: 'folder/link', type: 'symlink', linkname: 'elsewhere' });
  tar.finalize();
  const parts: Buffer[] = [];
  for await (const part of tar as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

function streamOf(bytes: Uint8Array, chunk = 100): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) controller.close();
      else controller.enqueue(bytes.slice(at, (at += chunk)));
    },
  });
}

async function contents(
  bytes: Uint8Array,
  chunk?: number,
  wanted: (name: string) => boolean = () => true,
  mostInAll = 1e6,
): Promise<[string, string][]> {
  const found: [string, string][] = [];
  for await (const member of readTar(streamOf(bytes, chunk), 'a.tar', wanted, 10_000, mostInAll)) {
    found.push([member.name, new TextDecoder().decode(member.bytes)]);
  }
  return found;
}

const files = [
  ['folder/a.bin', 'x'.repeat(512)],
  ['folder/empty.bin', ''],
  ['folder/b.bin', 'y'.repeat(700)],
] as const;

describe('readTar', () => {
  it.each([1, 7, 511, 512, 513, 4096, 1e6])('reads files that come in chunks of %d bytes', async (chunk) => {
    expect(await contents(await archiveOf(files), chunk)).toEqual(files);
  });

  it('skips what is not wanted', async () => {
    const wanted = (name: string): boolean => name.endsWith('b.bin');
    expect(await contents(await archiveOf(files), 64, wanted)).toEqual([files[2]]);
  });

  it('puts long names together, and skips what pax says besides', async () => {
    const long = `${'f'.repeat(90)}/${'g'.repeat(90)}.bin`;
    const found = await contents(await archiveOf([[long, 'z'], ...files]));
    expect(found.map(([, text]) => text)).toEqual(['z', ...files.map(([, text]) => text)]);
    expect(found[0]![0]).toBe(long);
  });

  it.each([
    ['an empty file', new Uint8Array(0)],
    ['a text', new TextEncoder().encode('hello '.repeat(200))],
    ['a short text', new TextEncoder().encode('hello')],
  ])('refuses %s', async (_, bytes) => {
    await expect(contents(bytes)).rejects.toThrow(DataError);
    await expect(contents(bytes)).rejects.toThrow(/a\.tar holds no tar archive/);
  });

  it('says when an archive is cut short or damaged', async () => {
    const bytes = await archiveOf(files);
    await expect(contents(bytes.slice(0, 1300))).rejects.toThrow(/a\.tar is cut short/);
    const damaged = bytes.slice();
    damaged[512 + 20]! ^= 1; // In the name in the second header.
    await expect(contents(damaged)).rejects.toThrow(/a\.tar is damaged/);
  });

  it('refuses an archive of more bytes than it may have, whether they are wanted or not', async () => {
    const bytes = await archiveOf(files);
    for (const wanted of [() => true, () => false]) {
      await expect(contents(bytes, 64, wanted, 2000)).rejects.toThrow(DataError);
      await expect(contents(bytes, 64, wanted, 2000)).rejects.toThrow(/a\.tar .* more than 2000 bytes/);
    }
    // What is claimed is refused before it is allocated, or read.
    const before = process.memoryUsage().arrayBuffers;
    const claimed = bytes.slice(512, 1024);
    claimed.set(new TextEncoder().encode('77777777777'), 124);
    const sum = claimed.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
    claimed.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
    const huge = readTar(streamOf(claimed), 'a.tar', () => true, 2 ** 40, 1e6);
    await expect(huge.next()).rejects.toThrow(/more than 1000000 bytes/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  });

  it('refuses a wanted file that is too large, without reading it', async () => {
    await expect(contents(await archiveOf([['big.bin', 'x'.repeat(10_001)]]))).rejects.toThrow(
      /its big\.bin has 10001 bytes/,
    );
  });
});
