/** Datasets other than CIFAR-10, fetched from a server on this machine. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { cifar100, openCifar100 } from '../../src/data/cifar100.ts';
import { openIdx } from '../../src/data/idx.ts';
import { cifar10 } from '../../src/data/locate.ts';
import { fashionMnist, fashionMnistClassNames, mnist, mnistClassNames } from '../../src/data/mnist.ts';
import {
  cacheFolder,
  downloadBytes,
  fromServer,
  locatePublished,
  variablesOf,
  type PublishedSet,
} from '../../src/data/published.ts';
import { DataError } from '../../src/errors.ts';
import { idxFile } from '../formats/idxBuilder.ts';
import { archiveOf } from './archives.ts';
import { dropped, serve, whole, type Answer } from './fileServer.ts';
import { cifar100Records, rejection, temporaryFolder } from './fixtures.ts';

// On macOS no variable moves the cache out of the home folder, where tests have no business.
const cacheMoves = process.platform !== 'darwin';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The four files of MNIST, in small. */
const FILES: Readonly<Record<string, Uint8Array>> = {
  'train-images-idx3-ubyte.gz': gzipSync(idxFile({ shape: [20, 28, 28] })),
  'train-labels-idx1-ubyte.gz': gzipSync(
    idxFile({ shape: [20], data: Uint8Array.from({ length: 20 }, (_, i) => i % 10) }),
  ),
  't10k-images-idx3-ubyte.gz': gzipSync(idxFile({ shape: [3, 28, 28] })),
  't10k-labels-idx1-ubyte.gz': gzipSync(idxFile({ shape: [3], data: Uint8Array.of(3, 1, 2) })),
};

/** A set that has such files, and what becomes of them. */
function withFiles(set: PublishedSet, files: Readonly<Record<string, Uint8Array>>): PublishedSet {
  const downloads = set.downloads.map((file) => {
    const bytes = files[file.name]!;
    return { ...file, bytes: bytes.length, sha256: sha256(bytes) };
  });
  return { ...set, downloads };
}

const nameIn = ({ url }: IncomingMessage): string => basename(url!);

async function setUp(set: PublishedSet, answer: Answer) {
  const server = await serve(answer);
  const base = await temporaryFolder();
  const env = { XDG_CACHE_HOME: base, LOCALAPPDATA: base };
  return {
    ranges: server.ranges,
    set: fromServer(set, new URL('/folder', server.url).href),
    env,
    cache: cacheFolder(env, process.platform, base),
    download: { retries: 0, backoffMilliseconds: 1 },
  };
}

describe.runIf(cacheMoves)('MNIST', () => {
  const small = withFiles(mnist, FILES);
  const serveFiles: Answer = (request, response, number) => {
    whole(FILES[nameIn(request)]!)(request, response, number);
  };

  it('is fetched file by file, once, and read as it comes', async () => {
    const { set, env, cache, download, ranges } = await setUp(small, serveFiles);
    const progress: [number, number][] = [];
    const onProgress = (received: number, total: number): void => void progress.push([received, total]);
    const folder = await locatePublished(set, { env, download: { ...download, onProgress } });
    expect(folder).toBe(join(cache, 'mnist'));
    expect((await readdir(folder)).sort()).toEqual(Object.keys(FILES).sort());
    expect(await readdir(cache)).toEqual(['mnist']);
    const stored = await openIdx(folder, mnistClassNames);
    expect((await stored.read('train')).count).toBe(20);
    expect((await stored.read('test')).labels).toEqual(Uint8Array.of(3, 1, 2));
    const received = progress.map(([bytes]) => bytes);
    expect(received).toEqual(received.toSorted((a, b) => a - b));
    expect(progress.at(-1)).toEqual([downloadBytes(small), downloadBytes(small)]);
    expect(await locatePublished(set, { env, download: false })).toBe(folder);
    expect(ranges).toHaveLength(4);
  });

  it('is gone on with where it was interrupted', async () => {
    const interrupted: Answer = (request, response, number) => {
      const bytes = FILES[nameIn(request)]!;
      (number === 2 ? dropped(bytes, 20) : whole(bytes))(request, response, number);
    };
    const { set, env, cache, download, ranges } = await setUp(small, interrupted);
    expect(await rejection(locatePublished(set, { env, download }))).toBeInstanceOf(DataError);
    expect((await readdir(join(cache, 'mnist'))).sort()).toEqual([
      't10k-images-idx3-ubyte.gz.partial',
      'train-images-idx3-ubyte.gz',
      'train-labels-idx1-ubyte.gz',
    ]);
    expect((await rejection(locatePublished(set, { env, download: false }))).message).toContain(
      'fetch it with "simdnet data download --dataset mnist", or name the folder that holds it with --data-dir or MNIST_DIR',
    );
    await locatePublished(set, { env, download });
    expect(ranges).toEqual([undefined, undefined, undefined, 'bytes=20-', undefined]);
  });

  it('is refused where a file is another one', async () => {
    const damaged: Answer = (request, response, number) => {
      const name = nameIn(request);
      whole(name.startsWith('t10k-labels') ? Uint8Array.from(FILES[name]!).fill(0, 5) : FILES[name]!)(
        request,
        response,
        number,
      );
    };
    const { set, env, cache, download } = await setUp(small, damaged);
    const { message } = await rejection(locatePublished(set, { env, download }));
    expect(message).toMatch(/folder\/t10k-labels-idx1-ubyte\.gz has the wrong checksum: SHA-256/);
    expect(await readdir(join(cache, 'mnist'))).toHaveLength(3);
  });

  it('is fetched once for several that want it', async () => {
    const { set, env, download, ranges } = await setUp(small, serveFiles);
    await Promise.all([1, 2, 3].map(() => locatePublished(set, { env, download })));
    expect(ranges).toHaveLength(4);
  });

  it('stops when it is aborted', async () => {
    const { set, env, download, ranges } = await setUp(small, serveFiles);
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    expect(await rejection(locatePublished(set, { env, download: { ...download, signal } }))).toBe(reason);
    expect(ranges).toEqual([]);
  });
});

describe('a folder with MNIST', () => {
  it('is found by --data-dir and MNIST_DIR, under its names, and within torchvision’s folders', async () => {
    const folder = await temporaryFolder();
    const inner = join(folder, 'MNIST', 'raw');
    await mkdir(inner, { recursive: true });
    await writeFile(join(inner, 'train-images.idx3-ubyte'), '');
    expect(await locatePublished(mnist, { dataDir: folder, env: {} })).toBe(inner);
    expect(await locatePublished(mnist, { env: { MNIST_DIR: inner } })).toBe(inner);
    const error = await rejection(locatePublished(fashionMnist, { env: { FASHION_MNIST_DIR: folder } }));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain(
      `FASHION_MNIST_DIR is ${JSON.stringify(folder)}, but there is no Fashion-MNIST file`,
    );
  });
});

describe.runIf(cacheMoves)('CIFAR-100', () => {
  const members = { 'train.bin': cifar100Records(20), 'test.bin': cifar100Records(5) };
  const pack = (files: Readonly<Record<string, Uint8Array>>): Promise<Uint8Array> =>
    archiveOf([
      { header: { name: 'cifar-100-binary/', type: 'directory' } },
      ...Object.entries(files).map(([name, content]) => ({
        header: { name: `cifar-100-binary/${name}` },
        content,
      })),
      { header: { name: 'cifar-100-binary/fine_label_names.txt' }, content: Buffer.from('apple\n') },
    ]);
  const ofArchive = (archive: Uint8Array): PublishedSet => ({
    ...withFiles(cifar100, { 'cifar-100-binary.tar.gz': archive }),
    memberBytes: { 'train.bin': members['train.bin'].length, 'test.bin': members['test.bin'].length },
  });

  it('is fetched and unpacked, and the archive goes', async () => {
    const archive = await pack(members);
    const { set, env, cache, download } = await setUp(ofArchive(archive), whole(archive));
    const folder = await locatePublished(set, { env, download });
    expect(await readdir(cache)).toEqual(['cifar-100-binary']);
    expect((await readdir(folder)).sort()).toEqual(['test.bin', 'train.bin']);
    const stored = await openCifar100(folder);
    expect((await stored.read('train')).count).toBe(20);
    await rm(join(folder, 'test.bin'));
    await locatePublished(set, { env, download });
    expect(await readdir(folder)).toHaveLength(2);
  });

  it('is refused with a file of another size', async () => {
    const archive = await pack({ ...members, 'test.bin': cifar100Records(6) });
    const { set, env, cache, download } = await setUp(ofArchive(archive), whole(archive));
    const { message } = await rejection(locatePublished(set, { env, download }));
    expect(message).toContain(
      '"cifar-100-binary/test.bin" is 18444 bytes long instead of 15370, so it is not the CIFAR-100',
    );
    expect(await readdir(cache)).toEqual([]);
  });
});

describe('what is published', () => {
  it.each([cifar10, cifar100, mnist, fashionMnist])('of $title has addresses, sizes and checksums', (set) => {
    for (const { url, bytes, sha256: sum, name } of set.downloads) {
      expect(url).toMatch(/^https:\/\//);
      expect(url.endsWith(`/${name}`)).toBe(true);
      expect(bytes).toBeGreaterThan(1_000);
      expect(sum).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(new Set(set.downloads.map((file) => file.sha256)).size).toBe(set.downloads.length);
    if (set.memberBytes) expect(Object.keys(set.memberBytes)).toEqual(set.files);
  });

  it('has variables of its own, and other servers', () => {
    expect(variablesOf(fashionMnist)).toEqual({ dir: 'FASHION_MNIST_DIR', url: 'FASHION_MNIST_URL' });
    expect(fromServer(cifar10, 'http://a/b.tar.gz').downloads[0]!.url).toBe('http://a/b.tar.gz');
    for (const server of ['http://a/b', 'http://a/b/']) {
      expect(fromServer(mnist, server).downloads[3]!.url).toBe('http://a/b/t10k-labels-idx1-ubyte.gz');
    }
    expect([mnistClassNames.length, fashionMnistClassNames.length]).toEqual([10, 10]);
  });
});
