import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCifar10 } from '../../src/data/cifar10.ts';
import { locateCifar10, type Cifar10DownloadOptions } from '../../src/data/locate.ts';
import { cacheFolder } from '../../src/data/published.ts';
import { DataError } from '../../src/errors.ts';
import { archiveOf, goodMembers, memberBytes } from './archives.ts';
import { dropped, inTurn, serve, status, whole, type FileServer } from './fileServer.ts';
import { records, rejection, temporaryFolder, writeCifar10 } from './fixtures.ts';

/** A folder with the six files. */
async function dataFolder(...path: string[]): Promise<string> {
  const folder = join(await temporaryFolder(), ...path);
  await mkdir(folder, { recursive: true });
  await writeCifar10(folder);
  return folder;
}

/** A server of a small archive, an empty cache, and what is needed to download from the one to the other. */
async function setUp(
  answer: (archive: Uint8Array) => Parameters<typeof serve>[0],
  members = goodMembers(),
): Promise<{
  server: FileServer;
  cache: string;
  env: Record<string, string>;
  download: Cifar10DownloadOptions;
}> {
  const archive = await archiveOf(members);
  const server = await serve(answer(archive));
  const base = await temporaryFolder();
  const sha256 = createHash('sha256').update(archive).digest('hex');
  return {
    server,
    env: { XDG_CACHE_HOME: base, LOCALAPPDATA: base, CIFAR10_DIR: '' },
    cache: cacheFolder({ XDG_CACHE_HOME: base, LOCALAPPDATA: base }, process.platform, base),
    download: {
      url: server.url,
      bytes: archive.length,
      sha256,
      memberBytes,
      retries: 0,
      backoffMilliseconds: 1,
    },
  };
}

// On macOS no variable moves the cache out of the home folder, where tests have no business.
const cacheMoves = process.platform !== 'darwin';

describe('locateCifar10', () => {
  it('takes dataDir before CIFAR10_DIR', async () => {
    const [dataDir, other] = [await dataFolder(), await dataFolder()];
    expect(await locateCifar10({ dataDir, env: { CIFAR10_DIR: other } })).toBe(dataDir);
    expect(await locateCifar10({ env: { CIFAR10_DIR: other } })).toBe(other);
  });

  it('takes the subfolder that the archive unpacks to', async () => {
    const inner = await dataFolder('cifar-10-batches-bin');
    expect(await locateCifar10({ dataDir: join(inner, '..'), env: {} })).toBe(inner);
    expect(await locateCifar10({ env: { CIFAR10_DIR: join(inner, '..') } })).toBe(inner);
  });

  it('takes a folder with only some of the files', async () => {
    const dataDir = await temporaryFolder();
    await writeFile(join(dataDir, 'test_batch.bin'), records(1));
    expect(await locateCifar10({ dataDir, env: {} })).toBe(dataDir);
  });

  it('does not look elsewhere if the named folder has no files', async () => {
    const good = await dataFolder();
    const empty = await temporaryFolder();
    const file = join(good, 'test_batch.bin');
    for (const bad of [empty, join(empty, 'nowhere'), file]) {
      const byOption = await rejection(locateCifar10({ dataDir: bad, env: { CIFAR10_DIR: good } }));
      expect(byOption).toBeInstanceOf(DataError);
      expect(byOption.message).toContain(`--data-dir is ${JSON.stringify(bad)}`);
      const byVariable = await rejection(locateCifar10({ env: { CIFAR10_DIR: bad } }));
      expect(byVariable).toBeInstanceOf(DataError);
      expect(byVariable.message).toContain(`CIFAR10_DIR is ${JSON.stringify(bad)}`);
    }
  });

  describe.runIf(cacheMoves)('with a cache', () => {
    it('downloads into the cache, once', async () => {
      const { server, cache, env, download } = await setUp(whole);
      const folder = await locateCifar10({ env, download });
      expect(folder).toBe(join(cache, 'cifar-10-batches-bin'));
      expect(await readdir(cache)).toEqual(['cifar-10-batches-bin']);
      expect((await readCifar10(folder)).train.count).toBe(50);
      expect(await locateCifar10({ env, download })).toBe(folder);
      expect(await locateCifar10({ env, download: false })).toBe(folder);
      expect(server.ranges).toHaveLength(1);
    });

    it('downloads again if the cache has lost a file', async () => {
      const { server, env, download } = await setUp(whole);
      const folder = await locateCifar10({ env, download });
      await rm(join(folder, 'data_batch_3.bin'));
      expect(await locateCifar10({ env, download })).toBe(folder);
      expect(server.ranges).toHaveLength(2);
      expect(await readdir(folder)).toHaveLength(6);
    });

    it('resumes an interrupted download', async () => {
      const { server, cache, env, download } = await setUp((archive) =>
        inTurn(dropped(archive, 500), whole(archive)),
      );
      expect(await rejection(locateCifar10({ env, download }))).toBeInstanceOf(DataError);
      expect(await readdir(cache)).toEqual(['cifar-10-binary.tar.gz.partial']);
      await locateCifar10({ env, download });
      expect(server.ranges).toEqual([undefined, 'bytes=500-']);
      expect(await readdir(cache)).toEqual(['cifar-10-batches-bin']);
    });

    it('leaves nothing if the archive is not the right one', async () => {
      const wrong = await setUp(whole);
      const download = { ...wrong.download, sha256: '0'.repeat(64) };
      expect((await rejection(locateCifar10({ env: wrong.env, download }))).message).toContain('checksum');
      expect(await readdir(wrong.cache)).toEqual([]);

      const unsafe = await setUp(whole, [
        ...goodMembers(),
        { header: { name: '../a' }, content: Buffer.from('evil') },
      ]);
      expect((await rejection(locateCifar10(unsafe))).message).toContain('leads out');
      expect(await readdir(unsafe.cache)).toEqual([]);
    });

    it('says what the server answered', async () => {
      const { cache, env, download } = await setUp(() => status(404));
      const error = await rejection(locateCifar10({ env, download }));
      expect(error).toBeInstanceOf(DataError);
      expect(error.message).toContain('404');
      expect(await readdir(cache)).toEqual([]);
    });

    it('stops when it is aborted', async () => {
      const { server, env, download } = await setUp(whole);
      const reason = new Error('enough');
      const signal = AbortSignal.abort(reason);
      expect(await rejection(locateCifar10({ env, download: { ...download, signal } }))).toBe(reason);
      expect(server.ranges).toEqual([]);
    });

    it('does not download if that is forbidden', async () => {
      const { cache, env } = await setUp(whole);
      const error = await rejection(locateCifar10({ env, download: false }));
      expect(error).toBeInstanceOf(DataError);
      expect(error.message).toContain(cache);
      expect(error.message).toContain('--data-dir');
    });

    it('survives several downloads at once', async () => {
      const { cache, env, download } = await setUp(whole);
      const folders = await Promise.all([1, 2, 3].map(() => locateCifar10({ env, download })));
      expect(new Set(folders)).toEqual(new Set([join(cache, 'cifar-10-batches-bin')]));
      expect(await readdir(cache)).toEqual(['cifar-10-batches-bin']);
      expect((await readCifar10(join(cache, 'cifar-10-batches-bin'))).test.count).toBe(10);
    });
  });
});

describe('cacheFolder', () => {
  const home = join('/', 'home', 'me');

  it.each([
    ['linux', {}, join(home, '.cache', 'simdnet')],
    ['linux', { XDG_CACHE_HOME: '' }, join(home, '.cache', 'simdnet')],
    ['linux', { XDG_CACHE_HOME: '/var/c' }, join('/var/c', 'simdnet')],
    ['darwin', { XDG_CACHE_HOME: '/var/c' }, join(home, 'Library', 'Caches', 'simdnet')],
    ['win32', { LOCALAPPDATA: 'L' }, join('L', 'simdnet', 'Cache')],
    ['win32', {}, join(home, 'AppData', 'Local', 'simdnet', 'Cache')],
  ] as const)('follows the custom of %s with %o', (platform, env, expected) => {
    expect(cacheFolder(env, platform, home)).toBe(expected);
  });
});
