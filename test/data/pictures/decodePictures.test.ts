import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { DecodeReply } from '../../../src/data/pictures/decodeFiles.ts';
import {
  decodePictures,
  type DecodeOptions,
  type PictureRequest,
} from '../../../src/data/pictures/decodePictures.ts';
import { DecodingThreads } from '../../../src/data/pictures/decodingThreads.ts';
import { encodePng } from '../../../src/formats/png.ts';
import { emptyFolder } from './folder.ts';

const geometry = { width: 2, height: 1, fit: 'stretch' } as const;

/** Grey pictures, each of its own shade; every seventh is none. */
async function pictures(count: number): Promise<PictureRequest[]> {
  const folder = await emptyFolder();
  const requests = Array.from({ length: count }, (_, i) => ({ path: join(folder, `${i}.png`), geometry }));
  for (const [i, { path }] of requests.entries()) {
    const data = Uint8Array.from({ length: 4 * 4 }, (_, at) => (at % 4 === 3 ? 255 : i));
    await writeFile(path, i % 7 === 3 ? 'no picture' : encodePng({ width: 4, height: 1, data }));
  }
  return requests;
}

async function all(requests: readonly PictureRequest[], options?: DecodeOptions): Promise<DecodeReply[]> {
  const replies: DecodeReply[] = [];
  for await (const reply of decodePictures(requests, options)) replies.push(reply);
  return replies;
}

describe('decodePictures', () => {
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
      const requests = await pictures(count);
      const known = { failure: 'there is no picture in a folder' };
      if (count > 20) requests[20] = known;
      const seen: [number, number][] = [];
      const replies = await all(requests, { threads, onProgress: (...progress) => seen.push(progress) });
      expect(replies).toHaveLength(count);
      replies.forEach((reply, i) => {
        if (i === 20) expect(reply).toEqual(known);
        else if (i % 7 === 3)
          expect(reply).toEqual({ failure: expect.stringContaining(`${i}.png is not a PNG`) as string });
        else {
          const pixels = new Uint8Array(6).fill(i);
          expect(reply).toEqual({ decoded: { width: 4, height: 1, format: 'png', pixels } });
        }
      });
      expect(seen).toEqual(Array.from({ length: count }, (_, i) => [i + 1, count]));
    },
  );

  it('makes pixels grey, and none without a geometry', async () => {
    const [first] = (await pictures(1)) as [{ path: string }];
    const [grey, none] = await all([
      { ...first, geometry: { ...geometry, channels: 1 } },
      { path: first.path, hashes: true },
    ]);
    expect(grey).toMatchObject({ decoded: { pixels: new Uint8Array(2) } });
    expect(none).toEqual({
      decoded: {
        ...{ width: 4, height: 1, format: 'png' },
        hashes: { file: expect.any(String) as string, pixels: expect.stringMatching(/^4x1 /) as string },
      },
    });
  });

  it('takes pictures that are larger than what is decoded in one go', async () => {
    const requests = await pictures(18);
    const large = requests.map((request) => ({ ...request, geometry: { ...geometry, width: 400_000 } }));
    const replies = await all(large, { threads: 2 });
    replies.forEach((reply, i) => {
      if (!('decoded' in reply)) expect(i % 7).toBe(3);
      else expect([reply.decoded.pixels!.length, reply.decoded.pixels!.at(-1)]).toEqual([1_200_000, i]);
    });
  });

  it('ends its threads where nobody wants more', async () => {
    for await (const reply of decodePictures(await pictures(100), { threads: 2 })) {
      expect(reply).toHaveProperty('decoded');
      break;
    }
  });

  it.each([5, 100])('ends with the reason of a signal, of %d pictures', async (count) => {
    const requests = await pictures(count);
    const reason = new Error('enough');
    await expect(all(requests, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    // Before the first is there, and when some are.
    const early = new AbortController();
    const waiting = all(requests, { signal: early.signal, threads: 2 });
    early.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    const late = new AbortController();
    const onProgress = (done: number): void => {
      if (done === 3) late.abort(reason);
    };
    await expect(all(requests, { signal: late.signal, onProgress, threads: 2 })).rejects.toBe(reason);
  });

  it('does not wait for what its threads are at when a signal comes', async () => {
    let lose!: (error: Error) => void;
    const never = new Promise<never>((_, reject) => (lose = reject));
    const { prototype } = DecodingThreads;
    const decode = vi.spyOn(prototype, 'decode').mockReturnValue(never);
    const end = vi.spyOn(prototype, 'end').mockImplementation(() => {
      lose(new Error('ended'));
      return Promise.resolve();
    });
    onTestFinished(() => {
      for (const spy of [decode, end]) spy.mockRestore();
    });
    const controller = new AbortController();
    const waiting = all(await pictures(20), { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});

describe('DecodingThreads', () => {
  /** Threads in which a file "bad" ends the one that is to decode it. */
  async function threadsThatEnd(count: number): Promise<DecodingThreads> {
    const entry = join(await emptyFolder(), 'thread.mjs');
    await writeFile(
      entry,
      `import { parentPort } from 'node:worker_threads';
       parentPort.on('message', (requests) => {
         if (requests.some(({ path }) => path === 'bad')) process.exit(7);
         if (requests.some(({ path }) => path === 'slow')) return;
         parentPort.postMessage(requests.map(({ path }) => ({ decoded: { path } })));
       });`,
    );
    return new DecodingThreads(count, pathToFileURL(entry));
  }
  const of = (...paths: string[]) => paths.map((path) => ({ path }));
  const decoded = (path: string) => ({ decoded: { path } });
  const lost = { failure: 'cannot decode bad: its thread ended unexpectedly, exit code 7' };

  it('loses only the picture that ends its thread', async () => {
    const threads = await threadsThatEnd(1);
    const results = await Promise.all([
      threads.decode(of('a', 'bad', 'b')),
      threads.decode(of('c', 'd')),
      threads.decode(of('bad')),
    ]);
    expect(results).toEqual([[decoded('a'), lost, decoded('b')], [decoded('c'), decoded('d')], [lost]]);
    expect(await threads.decode(of('e'))).toEqual([decoded('e')]);
    await threads.end();
  });

  it('gives what waits to the thread that is free first', async () => {
    const threads = await threadsThatEnd(2);
    const stuck = threads.decode(of('slow'));
    const others = await Promise.all(['a', 'b', 'c'].map((path) => threads.decode(of(path))));
    expect(others).toEqual([[decoded('a')], [decoded('b')], [decoded('c')]]);
    const waiting = Promise.allSettled([stuck, threads.decode(of('slow')), threads.decode(of('never'))]);
    await threads.end();
    for (const { status } of await waiting) expect(status).toBe('rejected');
  });
});
