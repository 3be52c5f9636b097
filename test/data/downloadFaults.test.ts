/** Downloads over connections that break anywhere, of bytes that are wrong, by several processes and by ones that are killed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readCifar10 } from '../../src/data/cifar10.ts';
import { downloadFile } from '../../src/data/download.ts';
import { downloadCifar10, locateCifar10 } from '../../src/data/locate.ts';
import { DataError } from '../../src/errors.ts';
import { randomStream } from '../../src/random.ts';
import { archiveOf, goodMembers, memberBytes } from './archives.ts';
import { dropped, ignoringRange, inTurn, serve, whole, type Answer } from './fileServer.ts';
import { records, rejection, temporaryFolder } from './fixtures.ts';

const file = records(70);
const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('a connection', () => {
  it.each([1, 2, 3, 4, 5, 6])('that breaks at random places, seed %i', async (seed) => {
    const random = randomStream(seed, 'cuts');
    const answers = Array.from({ length: 6 }, (): Answer => {
      const bytes = random.below(40_000);
      return random.below(4) === 0 ? withoutRange(bytes) : dropped(file, bytes);
    });
    const { url, ranges } = await serve(inTurn(...answers, whole(file)));
    const folder = await temporaryFolder();
    const path = join(folder, 'some.tar.gz');
    const source = { url, bytes: file.length, sha256: sha256Of(file) };
    // Again and again by hand, as well as by itself.
    let calls = 0;
    for (let retries = random.below(3); ; retries = random.below(3)) {
      calls++;
      const failure = await downloadFile(source, path, { retries, backoffMilliseconds: 1 }).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failure === undefined) break;
      expect(failure).toBeInstanceOf(DataError);
      expect((await readdir(folder)).filter((name) => name !== 'some.tar.gz.partial')).toEqual([]);
    }
    expect(ranges.length).toBeGreaterThanOrEqual(calls);
    expect(Buffer.compare(file, await readFile(path))).toBe(0);
    expect(await readdir(folder)).toEqual(['some.tar.gz']);
  });

  /** Begins anew each time, whatever was asked for, and drops the connection after some bytes. */
  function withoutRange(bytes: number): Answer {
    return (_request, response) => {
      response.writeHead(200, { 'content-length': file.length });
      response.write(file.subarray(0, bytes), () => setTimeout(() => response.destroy(), 50));
    };
  }
});

describe('wrong bytes', () => {
  it.each([0, 1, 100_000, file.length - 1])('at %i are found, and nothing of them stays', async (at) => {
    const wrong = file.slice();
    wrong[at]! ^= 1;
    const { url } = await serve(whole(wrong));
    const folder = await temporaryFolder();
    const source = { url, bytes: file.length, sha256: sha256Of(file) };
    const { message } = await rejection(downloadFile(source, join(folder, 'some.tar.gz')));
    expect(message).toMatch(/has the wrong checksum: SHA-256 [0-9a-f]{64} instead of/);
    expect(await readdir(folder)).toEqual([]);
  });

  it('from an earlier call are fetched anew at once', async () => {
    const { url, ranges } = await serve(whole(file));
    const folder = await temporaryFolder();
    const path = join(folder, 'some.tar.gz');
    await writeFile(`${path}.partial`, new Uint8Array(1000));
    await downloadFile({ url, bytes: file.length, sha256: sha256Of(file) }, path);
    expect(ranges).toEqual(['bytes=1000-', undefined]);
    expect(Buffer.compare(file, await readFile(path))).toBe(0);
  });
});

/** Sends a file slowly. */
function slowly(bytes: Uint8Array, milliseconds: number): Answer {
  return (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(start > 0 ? 206 : 200, {
      'content-length': bytes.length - start,
      ...(start > 0 && { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
    });
    let at = start;
    const step = Math.ceil(bytes.length / 20);
    const timer = setInterval(() => {
      if (response.destroyed) clearInterval(timer);
      response.write(bytes.subarray(at, (at += step)));
      if (at < bytes.length) return;
      clearInterval(timer);
      response.end();
    }, milliseconds / 20);
  };
}

describe('of several processes', () => {
  const module = new URL('../../dist/data/locate.js', import.meta.url).href;

  interface Running {
    readonly child: ChildProcess;
    readonly done: Promise<{ code: number | null; output: string }>;
    /** Waits until it says so. */
    readonly says: (text: string) => Promise<void>;
  }

  /** Downloads the archive as a process of its own, which says when bytes come, and when it waits. */
  function start(cache: string, url: string, archive: Uint8Array): Running {
    const options = { url, bytes: archive.length, sha256: sha256Of(archive), memberBytes };
    const script = `
      import { downloadCifar10 } from '${module}';
      await downloadCifar10(${JSON.stringify(cache)}, {
        ...${JSON.stringify(options)},
        onProgress: (bytes) => { if (bytes > 0) console.log('downloading'); },
        onWait: () => console.log('waiting'),
      });
      console.log('done');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    return {
      child,
      done: new Promise((resolve) => {
        child.on('close', (code) => {
          resolve({ code, output });
        });
      }),
      says: (text) => expect.poll(() => output, { timeout: 30_000 }).toContain(text),
    };
  }

  async function setUp(answer: (archive: Uint8Array) => Answer) {
    const archive = await archiveOf(goodMembers());
    const server = await serve(answer(archive));
    return { archive, server, cache: join(await temporaryFolder(), 'cache') };
  }

  async function expectGood(cache: string): Promise<void> {
    expect(await readdir(cache)).toEqual(['cifar-10-batches-bin']);
    const { train, test } = await readCifar10(join(cache, 'cifar-10-batches-bin'));
    expect([train.count, test.count]).toEqual([50, 10]);
  }

  it('one downloads, and the others wait', async () => {
    const { archive, server, cache } = await setUp((bytes) => slowly(bytes, 1500));
    const first = start(cache, server.url, archive);
    await first.says('downloading');
    const others = [start(cache, server.url, archive), start(cache, server.url, archive)];
    for (const other of others) await other.says('waiting');
    for (const { done } of [first, ...others]) expect((await done).code).toBe(0);
    for (const { done } of others) expect((await done).output).not.toContain('downloading');
    expect(server.ranges).toEqual([undefined]);
    await expectGood(cache);
  });

  it.skipIf(process.platform === 'win32')('one goes on when the one it waits for is killed', async () => {
    const { archive, server, cache } = await setUp((bytes) => slowly(bytes, 1500));
    const first = start(cache, server.url, archive);
    await first.says('downloading');
    const second = start(cache, server.url, archive);
    await second.says('waiting');
    first.child.kill('SIGKILL');
    expect((await second.done).code).toBe(0);
    expect(server.ranges).toEqual([undefined, expect.stringMatching(/^bytes=\d+-$/)]);
    await expectGood(cache);
  });

  it('started together end with one good dataset', async () => {
    const { archive, server, cache } = await setUp((bytes) =>
      inTurn(dropped(bytes, 500), ignoringRange(bytes)),
    );
    const all = [1, 2, 3].map(() => start(cache, server.url, archive));
    for (const { done } of all) expect((await done).code).toBe(0);
    await expectGood(cache);
  });
});

it('what killed processes have left in the cache goes, also if the dataset is there', async () => {
  const archive = await archiveOf(goodMembers());
  const { url } = await serve(whole(archive));
  const base = await temporaryFolder();
  const cache = join(base, 'simdnet');
  await downloadCifar10(cache, { url, bytes: archive.length, sha256: sha256Of(archive), memberBytes });
  const scratch = join(cache, '.cifar-10-batches-bin-aB3xY9');
  await mkdir(join(scratch, 'new'), { recursive: true });
  await utimes(scratch, 0, 0);
  if (process.platform !== 'linux') return;
  await locateCifar10({ env: { XDG_CACHE_HOME: base }, download: false });
  expect(await readdir(cache)).toEqual(['cifar-10-batches-bin']);
});
