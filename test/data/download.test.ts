import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { downloadFile, type DownloadOptions } from '../../src/data/download.ts';
import { DataError } from '../../src/errors.ts';
import {
  dropped,
  ignoringRange,
  inTurn,
  serve,
  status,
  whole,
  type Answer,
  type FileServer,
} from './fileServer.ts';
import { records, rejection, temporaryFolder } from './fixtures.ts';

const file = records(70); // 215 kB: several chunks
const sha256 = createHash('sha256').update(file).digest('hex');

interface Setting extends FileServer {
  readonly folder: string;
  readonly path: string;
  readonly download: (options?: DownloadOptions) => Promise<void>;
}

/** A server, an empty folder and a download from the one to the other, hasty and without retries unless told. */
async function setUp(answer: Answer, expected = { bytes: file.length, sha256 }): Promise<Setting> {
  const server = await serve(answer);
  const folder = await temporaryFolder();
  const path = join(folder, 'some.tar.gz');
  const download = (options: DownloadOptions = {}): Promise<void> =>
    downloadFile({ url: server.url, ...expected }, path, { retries: 0, backoffMilliseconds: 1, ...options });
  return { ...server, folder, path, download };
}

const listing = async (folder: string): Promise<string[]> => (await readdir(folder)).sort();
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
const partialOf = (path: string): Promise<Uint8Array> => readFile(`${path}.partial`);

describe('downloadFile', () => {
  it('stores the file and reports progress', async () => {
    const { download, folder, path, ranges } = await setUp(whole(file));
    const progress: [number, number][] = [];
    await download({ onProgress: (received, total) => progress.push([received, total]) });
    expect(await listing(folder)).toEqual(['some.tar.gz']);
    expect(same(file, await readFile(path))).toBe(true);
    expect(ranges).toEqual([undefined]);
    expect(progress[0]).toEqual([0, file.length]);
    expect(progress.at(-1)).toEqual([file.length, file.length]);
    const received = progress.map(([bytes]) => bytes);
    expect(received).toEqual([...received].sort((a, b) => a - b));
  });

  it('makes the folder', async () => {
    const { url } = await serve(whole(file));
    const path = join(await temporaryFolder(), 'a', 'b', 'some.tar.gz');
    await downloadFile({ url, bytes: file.length, sha256 }, path);
    expect(same(file, await readFile(path))).toBe(true);
  });

  it('takes a file that is there already, if it is the right one', async () => {
    const { download, path, ranges } = await setUp(whole(file));
    await writeFile(path, file);
    await download();
    expect(ranges).toEqual([]);
    await writeFile(path, new Uint8Array(file.length));
    await download();
    expect(ranges).toEqual([undefined]);
    expect(same(file, await readFile(path))).toBe(true);
  });

  it('retries a dropped connection from where it stopped', async () => {
    const { download, folder, path, ranges } = await setUp(
      inTurn(dropped(file, 100_000), dropped(file, 50_000), whole(file)),
    );
    await download({ retries: 1 });
    expect(ranges).toEqual([undefined, 'bytes=100000-', 'bytes=150000-']);
    expect(await listing(folder)).toEqual(['some.tar.gz']);
    expect(same(file, await readFile(path))).toBe(true);
  });

  it('keeps what has arrived when it gives up, and the next call goes on from there', async () => {
    const { download, folder, path, ranges, url } = await setUp(inTurn(dropped(file, 100_000), whole(file)));
    const error = await rejection(download());
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain(`cannot download ${url}`);
    expect(error.message).toContain(`100000 of ${file.length} bytes`);
    expect(error.message).toContain('some.tar.gz.partial');
    expect(await listing(folder)).toEqual(['some.tar.gz.partial']);
    expect(same(file.subarray(0, 100_000), await partialOf(path))).toBe(true);
    await download();
    expect(ranges).toEqual([undefined, 'bytes=100000-']);
    expect(await listing(folder)).toEqual(['some.tar.gz']);
    expect(same(file, await readFile(path))).toBe(true);
  });

  it('gives up after the retries if nothing more arrives', async () => {
    const { download, ranges, folder } = await setUp(dropped(file, 0));
    const error = await rejection(download({ retries: 3 }));
    expect(error).toBeInstanceOf(DataError);
    expect(ranges).toHaveLength(4);
    expect(await listing(folder)).toEqual([]);
  });

  it('takes a body that ends early for a dropped connection', async () => {
    const short: Answer = (_request, response) => {
      response.writeHead(200); // no Content-Length: nothing else tells that bytes are missing
      response.end(file.subarray(0, 1000));
    };
    const { download, ranges, path } = await setUp(inTurn(short, whole(file)));
    await download({ retries: 1 });
    expect(ranges).toEqual([undefined, 'bytes=1000-']);
    expect(same(file, await readFile(path))).toBe(true);
  });

  it('starts again if the server ignores Range', async () => {
    const { download, path, ranges } = await setUp(inTurn(dropped(file, 100_000), ignoringRange(file)));
    await download({ retries: 1 });
    expect(ranges).toEqual([undefined, 'bytes=100000-']);
    expect(same(file, await readFile(path))).toBe(true);
  });

  it('starts again if the server answers 416', async () => {
    const { download, path, ranges } = await setUp(inTurn(status(416), whole(file)));
    await writeFile(`${path}.partial`, new Uint8Array(5000));
    await download();
    expect(ranges).toEqual(['bytes=5000-', undefined]);
    expect(same(file, await readFile(path))).toBe(true);
  });

  it('starts again if the server answers with another range', async () => {
    const other: Answer = (_request, response) => {
      response.writeHead(206, { 'content-range': `bytes 7-${file.length - 1}/${file.length}` });
      response.end(file.subarray(7));
    };
    const { download, path, ranges } = await setUp(inTurn(other, whole(file)));
    await writeFile(`${path}.partial`, file.subarray(0, 5000));
    await download();
    expect(ranges).toEqual(['bytes=5000-', undefined]);
    expect(same(file, await readFile(path))).toBe(true);
  });

  it('starts again if the partial file is too long', async () => {
    const { download, path, ranges } = await setUp(whole(file));
    await writeFile(`${path}.partial`, new Uint8Array(file.length + 1));
    await download();
    expect(ranges).toEqual([undefined]);
    expect(same(file, await readFile(path))).toBe(true);
  });

  it('does not ask for anything if the partial file is whole', async () => {
    const { download, path, ranges } = await setUp(status(500));
    await writeFile(`${path}.partial`, file);
    await download();
    expect(ranges).toEqual([]);
    expect(same(file, await readFile(path))).toBe(true);
  });

  it('deletes a download with the wrong checksum', async () => {
    const damaged = Uint8Array.from(file);
    damaged[12345]! ^= 1;
    const { download, folder, url } = await setUp(whole(damaged));
    const error = await rejection(download({ retries: 3 }));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain(`${url} has the wrong checksum`);
    expect(error.message).toContain(sha256);
    expect(error.message).toContain('deleted');
    expect(await listing(folder)).toEqual([]);
  });

  it.each([file.length - 1, file.length + 1])('refuses a file of %i bytes', async (length) => {
    const served = new Uint8Array(length);
    const { download, folder, ranges } = await setUp(whole(served));
    const error = await rejection(download({ retries: 3 }));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain(`is ${length} bytes long instead of ${file.length}`);
    expect(ranges).toHaveLength(1);
    expect(await listing(folder)).toEqual([]);
  });

  it('stops when more arrives than the file should have, if no length was announced', async () => {
    const endless: Answer = (_request, response) => {
      response.writeHead(200);
      const more = (): void => {
        if (!response.destroyed) response.write(file, () => setImmediate(more));
      };
      more();
    };
    const { download, folder } = await setUp(endless);
    const error = await rejection(download());
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain(`longer than the ${file.length} bytes`);
    expect(await listing(folder)).toEqual([]);
  });

  it('does not retry what will not change: 404', async () => {
    const { download, folder, ranges, url } = await setUp(status(404));
    const error = await rejection(download({ retries: 3 }));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain(`cannot download ${url}: the server answered 404 Not Found`);
    expect(ranges).toHaveLength(1);
    expect(await listing(folder)).toEqual([]);
  });

  it.each([500, 503, 429, 408])('retries what may change: %i', async (code) => {
    const { download, path, ranges } = await setUp(inTurn(status(code), whole(file)));
    await download({ retries: 1 });
    expect(ranges).toHaveLength(2);
    expect(same(file, await readFile(path))).toBe(true);
  });

  it('says why there is no connection', async () => {
    const path = join(await temporaryFolder(), 'some.tar.gz');
    const source = { url: 'http://127.0.0.1:1/some.tar.gz', bytes: file.length, sha256 };
    const error = await rejection(downloadFile(source, path, { retries: 1, backoffMilliseconds: 1 }));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(
      /cannot download http:\/\/127\.0\.0\.1:1\/some\.tar\.gz: (?!fetch failed)./,
    );
  });

  it('takes a silent server for a lost connection', async () => {
    const silent: Answer = (_request, response) => {
      response.writeHead(200, { 'content-length': file.length });
      response.write(file.subarray(0, 1000));
    };
    const { download, path, ranges } = await setUp(inTurn(silent, whole(file)));
    await download({ retries: 1, idleMilliseconds: 300 });
    expect(ranges).toEqual([undefined, 'bytes=1000-']);
    expect(same(file, await readFile(path))).toBe(true);
    const quiet = await setUp(silent);
    const error = await rejection(quiet.download({ idleMilliseconds: 300 }));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain('silent for 0.3 s');
  });

  it('has patience with a server that is slow but not silent', async () => {
    const slow: Answer = (_request, response) => {
      response.writeHead(200, { 'content-length': file.length });
      let sent = 0;
      const timer = setInterval(() => {
        response.write(file.subarray(sent, sent + 30_000));
        sent += 30_000;
        if (sent < file.length) return;
        clearInterval(timer);
        response.end();
      }, 100);
    };
    const { download, path, ranges } = await setUp(slow);
    await download({ idleMilliseconds: 500 });
    expect(ranges).toHaveLength(1);
    expect(same(file, await readFile(path))).toBe(true);
  });

  it('stops when it is aborted, and keeps what has arrived', async () => {
    const slow: Answer = (_request, response) => {
      response.writeHead(200, { 'content-length': file.length });
      response.write(file.subarray(0, 1000));
    };
    const { download, folder, path, ranges } = await setUp(slow);
    const abort = new AbortController();
    const reason = new Error('enough');
    const onProgress = (received: number): void => {
      if (received === 1000) abort.abort(reason);
    };
    expect(await rejection(download({ retries: 3, signal: abort.signal, onProgress }))).toBe(reason);
    expect(ranges).toHaveLength(1);
    expect(await listing(folder)).toEqual(['some.tar.gz.partial']);
    expect(await partialOf(path)).toHaveLength(1000);
    expect(await rejection(download({ signal: abort.signal }))).toBe(reason);
    expect(ranges).toHaveLength(1);
  });

  it('stops when it is aborted between two attempts', async () => {
    const { download, ranges } = await setUp(status(503));
    const abort = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => {
      abort.abort(reason);
    }, 100);
    const options = { retries: 3, backoffMilliseconds: 60_000, signal: abort.signal };
    expect(await rejection(download(options))).toBe(reason);
    expect(ranges).toHaveLength(1);
  });

  it('names the file if the disk refuses it', async () => {
    const { download, path } = await setUp(whole(file));
    await mkdir(`${path}.partial`);
    const error = await rejection(download());
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain('some.tar.gz.partial');
  });
});
