/** Reading bytes in order, a part at a time, so that what is packed in a file is never in memory as a whole. */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { DataError, FormatError, SimdnetError } from '../errors.ts';
import { mostUnpacked } from '../limits.ts';
import { fileSize, readInto, unreadable } from './readFile.ts';

const NOTHING = new Uint8Array(0);

/** Bytes that come one after the other. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #failure: (cause: unknown) => SimdnetError;
  /** What has come and has not been taken. */
  #rest: Uint8Array = NOTHING;

  /** @param failure  the error for one that the chunks throw */
  constructor(chunks: AsyncIterable<Uint8Array>, failure: (cause: unknown) => SimdnetError) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#failure = failure;
  }

  /** Fills `target` with the next bytes; returns how many there were, fewer if they end. */
  async fill(target: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < target.length && (this.#rest.length > 0 || (await this.#more()))) {
      const part = this.#rest.subarray(0, target.length - filled);
      target.set(part, filled);
      filled += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return filled;
  }

  /** The next bytes, fewer than `count` if they end. They stay to be read. */
  async peek(count: number): Promise<Uint8Array> {
    while (this.#rest.length < count && (await this.#more()));
    return this.#rest.subarray(0, count);
  }

  /** Passes over bytes, fewer than `count` if they end. */
  async skip(count: number): Promise<void> {
    let left = count;
    while (left > 0 && (this.#rest.length > 0 || (await this.#more()))) {
      const part = Math.min(left, this.#rest.length);
      this.#rest = this.#rest.subarray(part);
      left -= part;
    }
  }

  /** Whether no byte is left. */
  async atEnd(): Promise<boolean> {
    return (await this.peek(1)).length === 0;
  }

  /** Ends the reading, wherever it is. */
  async close(): Promise<void> {
    await this.#chunks.return?.().catch(() => undefined);
  }

  /** Waits for more bytes. @returns false at the end */
  async #more(): Promise<boolean> {
    let next: IteratorResult<Uint8Array>;
    try {
      next = await this.#chunks.next();
    } catch (cause) {
      throw cause instanceof SimdnetError ? cause : this.#failure(cause);
    }
    if (next.done) return false;
    this.#rest = this.#rest.length === 0 ? next.value : joined(this.#rest, next.value);
    return true;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

/** A file that is read from its beginning on. */
export interface OpenBytes {
  readonly bytes: ByteReader;
  /** How many bytes there are; unknown of what is packed. */
  readonly length: number | undefined;
  /** How many there may be. */
  readonly most: number;
}

/** Begins to read a file, and unpacks it if it is packed with gzip. @throws DataError if it is missing or no file */
export async function openBytes(path: string): Promise<OpenBytes> {
  const size = await fileSize(path);
  if (size === undefined) throw new DataError(`cannot read ${path}: there is no such file; check the path`);
  const magic = new Uint8Array(2);
  await readInto(path, magic, 0);
  const packed = magic[0] === 0x1f && magic[1] === 0x8b;
  const file = createReadStream(path);
  // What goes wrong comes out of the last stream.
  const stream = packed ? pipeline(file, createGunzip(), () => undefined) : file;
  const bytes = new ByteReader(stream as AsyncIterable<Uint8Array>, (cause) => failure(path, cause));
  return { bytes, length: packed ? undefined : size, most: packed ? mostUnpacked(size) : size };
}

function failure(path: string, cause: unknown): SimdnetError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  if (!code.startsWith('Z_')) return unreadable(path, cause);
  return new FormatError(
    `${path} cannot be unpacked: ${message}; it is damaged or cut short: fetch it again`,
    {
      cause,
    },
  );
}
