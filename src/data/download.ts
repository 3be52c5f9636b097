/**
 * Downloads a file of known size and checksum, and survives bad connections: what has arrived is kept beside the
 * target as `<name>.partial`, and both the retries and later calls go on from there. Prints nothing.
 */
import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { DataError } from '../errors.ts';
import { makeFolder } from '../files/makeFolder.ts';
import { fileSize } from '../files/readFile.ts';

/** What to download, and what it must turn out to be. */
export interface DownloadSource {
  readonly url: string;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

export interface DownloadOptions {
  /** Called as bytes arrive. After a restart `receivedBytes` may be lower than before. */
  readonly onProgress?: ((receivedBytes: number, totalBytes: number) => void) | undefined;
  /** Stops the download with the signal's reason; what has arrived is kept. */
  readonly signal?: AbortSignal | undefined;
  /** How many times in a row to try again without getting notably further. Default 4. */
  readonly retries?: number | undefined;
  /** How long to wait before the first retry; doubled each time. Default 500. */
  readonly backoffMilliseconds?: number | undefined;
  /** How long the server may be silent before the connection counts as lost. Default 30,000. */
  readonly idleMilliseconds?: number | undefined;
}

/** A failure that a new attempt may cure: a lost connection, an overloaded server. */
class Interruption extends Error {}

/** A partial file that the server cannot continue. */
class CannotResume extends Error {}

/** One attempt's surroundings. */
interface Transfer extends DownloadSource {
  readonly file: FileHandle;
  /** The bytes in the file before the transfer. */
  readonly existing: number;
  readonly signal: AbortSignal;
  /** Called when the server shows a sign of life; `received` bytes of the file are on the disk. */
  readonly onAlive: (received: number) => void;
}

/**
 * Downloads `source` to `path`, continuing `<path>.partial` if an earlier call was cut off. A file already at `path`
 * with the right checksum is taken as it is.
 *
 * @throws DataError if the server refuses or the connection stays lost (what has arrived is kept), the checksum is
 *   wrong (the partial file is deleted), or the disk cannot be written; the signal's reason if it is aborted (what has
 *   arrived is kept).
 */
export async function downloadFile(
  source: DownloadSource,
  path: string,
  options: DownloadOptions = {},
): Promise<void> {
  options.signal?.throwIfAborted();
  const partial = `${path}.partial`;
  try {
    if (await isWhole(source, path)) return;
    await makeFolder(dirname(path));
    const resumed = ((await fileSize(partial)) ?? 0) > 0;
    await fetchWithRetries(source, partial, options);
    try {
      await requireChecksum(source, partial);
    } catch (error) {
      // What was there may have been wrong already: it is gone now.
      if (!resumed) throw error;
      await fetchWithRetries(source, partial, options);
      await requireChecksum(source, partial);
    }
    await rename(partial, path);
  } catch (cause) {
    if ((await fileSize(partial)) === 0) await rm(partial, { force: true });
    options.signal?.throwIfAborted();
    // Another process that downloads the same may have been first to move the file into place.
    if (await isWhole(source, path).catch(() => false)) return;
    if (cause instanceof DataError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataError(`cannot store ${source.url} as ${path}: ${reason}`, { cause });
  }
}

/** Whether the file is there and is the right one. */
async function isWhole(source: DownloadSource, path: string): Promise<boolean> {
  return (await fileSize(path)) === source.bytes && (await sha256OfFile(path)) === source.sha256;
}

async function requireChecksum(source: DownloadSource, partial: string): Promise<void> {
  const actual = await sha256OfFile(partial);
  if (actual === source.sha256) return;
  await rm(partial, { force: true });
  throw new DataError(
    `${source.url} has the wrong checksum: SHA-256 ${actual} instead of ${source.sha256}. ` +
      `The download ${partial} was deleted; try again`,
  );
}

async function fetchWithRetries(
  source: DownloadSource,
  partial: string,
  options: DownloadOptions,
): Promise<void> {
  const { signal, retries = 4, backoffMilliseconds = 500 } = options;
  let failures = 0;
  let reached = (await fileSize(partial)) ?? 0;
  for (;;) {
    try {
      await connect(source, partial, options);
      return;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Interruption)) throw error;
      const received = (await fileSize(partial)) ?? 0;
      // On a connection that keeps breaking but moves on, patience pays; a hundredth of the file is moving on.
      failures = received - reached >= source.bytes / 100 ? 1 : failures + 1;
      reached = Math.max(reached, received);
      if (failures > retries) {
        throw new DataError(
          `cannot download ${source.url}: ${error.message}. ` +
            (received > 0
              ? `${received} of ${source.bytes} bytes have arrived and are kept in ${partial}: run this again to go on from there`
              : 'Nothing has arrived: look after the connection and run this again'),
          { cause: error },
        );
      }
    }
    await delay(backoffMilliseconds * 2 ** (failures - 1), undefined, signal && { signal });
  }
}

/** One connection, or two if the partial file turns out to be no use. */
async function connect(
  source: DownloadSource,
  partial: string,
  { onProgress, signal, idleMilliseconds = 30_000 }: DownloadOptions,
): Promise<void> {
  const idle = new AbortController();
  const timer = setTimeout(() => {
    idle.abort(new Interruption(`the server was silent for ${idleMilliseconds / 1000} s`));
  }, idleMilliseconds);
  // Opened for writing at chosen places, not for appending: two processes that download at once then write the same
  // bytes to the same places.
  const file = await open(partial, constants.O_RDWR | constants.O_CREAT);
  try {
    const { size } = await file.stat();
    if (size === source.bytes) return;
    const transfer: Transfer = {
      ...source,
      file,
      existing: size,
      signal: signal === undefined ? idle.signal : AbortSignal.any([signal, idle.signal]),
      onAlive(received) {
        timer.refresh();
        onProgress?.(received, source.bytes);
      },
    };
    try {
      await receive(transfer, size < source.bytes ? size : 0);
    } catch (error) {
      if (!(error instanceof CannotResume)) throw error;
      await receive(transfer, 0);
    }
  } finally {
    clearTimeout(timer);
    await file.close();
  }
}

/** Requests the file from byte `start` on and writes what comes. */
async function receive(transfer: Transfer, start: number): Promise<void> {
  const { url, bytes, file, existing, signal, onAlive } = transfer;
  const response = await lostIfThrown(signal, () =>
    fetch(url, {
      // Compressed on the way, the bytes could be neither counted nor resumed.
      headers: { 'accept-encoding': 'identity', ...(start > 0 && { range: `bytes=${start}-` }) },
      signal,
    }),
  );
  let position: number;
  try {
    position = startOf(response, transfer, start);
  } catch (error) {
    await response.body?.cancel().catch(() => undefined);
    throw error;
  }
  // Only what is no use is cut off, not what another process may have written since.
  if (position === 0 && existing > 0) await file.truncate(0);
  onAlive(position);

  const reader = response.body?.getReader();
  for (;;) {
    const chunk = await lostIfThrown(signal, async () => (await reader?.read())?.value);
    if (chunk === undefined) break;
    if (position + chunk.length > bytes) {
      await reader?.cancel().catch(() => undefined);
      await file.truncate(0);
      throw new DataError(
        `${url} is longer than the ${bytes} bytes expected: it is not the file that was meant`,
      );
    }
    await file.write(chunk, 0, chunk.length, position);
    position += chunk.length;
    onAlive(position);
  }
  if (position < bytes) throw new Interruption('the connection was closed early');
}

/** The position in the file of the first byte of the response, which was asked to be `start`. */
function startOf(response: Response, { url, bytes }: Transfer, start: number): number {
  const { status, headers } = response;
  if (status === 206 && start > 0) {
    const [, first, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
    if (Number(first) !== start) throw new CannotResume();
    if (total !== '*') requireLength(Number(total), bytes, url);
    return start;
  }
  // 416: the server's file ends before the partial one, which is therefore no beginning of it.
  if (status === 416 && start > 0) throw new CannotResume();
  if (status === 200) {
    const length = headers.get('content-length');
    if (length !== null) requireLength(Number(length), bytes, url);
    return 0;
  }
  const answer = `the server answered ${status} ${response.statusText}`.trimEnd();
  if (status >= 500 || status === 429 || status === 408) throw new Interruption(answer);
  throw new DataError(
    `cannot download ${url}: ${answer}; check the address, or fetch the file some other way`,
  );
}

function requireLength(length: number, bytes: number, url: string): void {
  if (length === bytes) return;
  throw new DataError(
    `${url} is ${length} bytes long instead of ${bytes}: it is not the file that was meant`,
  );
}

/** Runs a network operation; whatever it throws is an interruption, except for an abort's own reason. */
async function lostIfThrown<T>(signal: AbortSignal, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    signal.throwIfAborted();
    // fetch says "fetch failed" or "terminated"; the reason is its cause.
    const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new Interruption(reason instanceof Error ? reason.message : String(reason), { cause: error });
  }
}

/** The SHA-256 of a file, in lower-case hexadecimal. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
