import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError, FormatError } from '../../src/errors.ts';
import { ByteReader, openBytes } from '../../src/files/byteReader.ts';
import { rejection, temporaryFolder } from '../data/fixtures.ts';

async function* inParts(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of sizes) yield await Promise.resolve(bytes.subarray(at, (at += size)));
  if (at < bytes.length) yield bytes.subarray(at);
}

const never = (): FormatError => new FormatError('never');

describe('ByteReader', () => {
  it('gives the same bytes, however they come and however they are asked for', async () => {
    const sizes = fc.array(fc.nat(9), { maxLength: 12 });
    const requests = fc.array(fc.tuple(fc.constantFrom('fill', 'peek', 'skip'), fc.nat(12)), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), sizes, requests, async (bytes, parts, wanted) => {
        const reader = new ByteReader(inParts(bytes, parts), never);
        let at = 0;
        for (const [what, count] of wanted) {
          const there = Buffer.from(bytes.subarray(at, at + count));
          if (what === 'peek') expect(there.equals(await reader.peek(count))).toBe(true);
          else if (what === 'skip') await reader.skip(count);
          else {
            const target = new Uint8Array(count);
            expect(await reader.fill(target)).toBe(there.length);
            expect(there.equals(target.subarray(0, there.length))).toBe(true);
          }
          if (what !== 'peek') at += there.length;
        }
        expect(await reader.atEnd()).toBe(at >= bytes.length);
      }),
    );
  });

  it('ends what the bytes come from when it is closed', async () => {
    let ended = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield await Promise.resolve(new Uint8Array(10));
      } finally {
        ended = true;
      }
    }
    const reader = new ByteReader(endless(), never);
    await reader.peek(3);
    await reader.close();
    expect(ended).toBe(true);
  });
});

describe('openBytes', () => {
  const content = Buffer.from('some bytes, again and again. '.repeat(5000));

  async function read(path: string): Promise<Uint8Array> {
    const { bytes } = await openBytes(path);
    const target = new Uint8Array(content.length + 10);
    try {
      return target.subarray(0, await bytes.fill(target));
    } finally {
      await bytes.close();
    }
  }

  it('reads a file, packed or not, whatever it is called', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'plain.gz'), content);
    await writeFile(join(folder, 'packed'), gzipSync(content));
    expect(content.equals(await read(join(folder, 'plain.gz')))).toBe(true);
    expect(content.equals(await read(join(folder, 'packed')))).toBe(true);
    expect(await openBytes(join(folder, 'plain.gz')).then(sizes)).toEqual([content.length, content.length]);
    expect(await openBytes(join(folder, 'packed')).then(sizes)).toEqual([undefined, expect.any(Number)]);

    async function sizes({ bytes, length, most }: Awaited<ReturnType<typeof openBytes>>): Promise<unknown> {
      await bytes.peek(1);
      await bytes.close();
      return [length, most];
    }
  });

  it.each([
    ['cut short', gzipSync(content).subarray(0, 200)],
    ['damaged', gzipSync(content).fill(0xff, 100, 150)],
  ])('names a packed file that is %s', async (_what, bytes) => {
    const path = join(await temporaryFolder(), 'some.gz');
    await writeFile(path, bytes);
    const error = await rejection(read(path));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toMatch(`${path} cannot be unpacked: `);
    expect(error.message).toContain('fetch it again');
  });

  it('names a file that is not there, or is a folder', async () => {
    const folder = await temporaryFolder();
    const error = await rejection(read(join(folder, 'no')));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toBe(`cannot read ${join(folder, 'no')}: there is no such file; check the path`);
    expect((await rejection(read(folder))).message).toBe(`${folder} is not a file`);
  });
});
