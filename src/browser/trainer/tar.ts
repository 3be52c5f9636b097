/**
 * Reads a tar archive as it comes, one member at a time (POSIX.1-1988 ustar, and what GNU tar and pax add to it is
 * skipped): a 512-byte header, then the contents, filled up with zeros to whole blocks.
 * Source: https://www.gnu.org/software/tar/manual/html_node/Standard.html
 */
import { DataError } from '../../errors.ts';

export interface TarMember {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const BLOCK = 512;

/** Where the header has what, and how long it is. */
const NAME = [0, 100] as const;
const SIZE = [124, 12] as const;
const CHECKSUM = [148, 8] as const;
const TYPE = 156;
const PREFIX = [345, 155] as const;

/**
 * The regular files that are wanted, in the archive's order.
 *
 * @param archive  its name, for messages
 * @param wanted  which to read; the others are skipped. @param mostBytes  that a wanted one may have
 * @param mostInAll  bytes that are read of the stream
 * @throws DataError if this is no tar archive, is cut short, or it or a wanted file is too large
 */
export async function* readTar(
  stream: ReadableStream<Uint8Array>,
  archive: string,
  wanted: (name: string) => boolean,
  mostBytes: number,
  mostInAll: number,
): AsyncGenerator<TarMember> {
  const source = new ByteSource(stream, archive, mostInAll);
  try {
    for (let first = true; ; first = false) {
      const header = await source.read(BLOCK, first);
      if (header.every((byte) => byte === 0)) return; // Two such blocks end it.
      if (!checksumMatches(header)) {
        throw new DataError(
          first
            ? `${archive} holds no tar archive: choose cifar-10-binary.tar.gz.`
            : `${archive} is damaged: fetch it again.`,
        );
      }
      const name = nameOf(header);
      const size = parseInt(text(header, SIZE), 8);
      if (!Number.isSafeInteger(size) || size < 0)
        throw new DataError(`${archive} is damaged: fetch it again.`);
      const type = header[TYPE]!;
      const regular = type === 0 || type === 0x30; // NUL or '0'.
      if (regular && wanted(name)) {
        if (size > mostBytes) {
          throw new DataError(
            `${archive} is not CIFAR-10: its ${name} has ${size} bytes, which is too many.`,
          );
        }
        yield { name, bytes: await source.read(size) };
      } else {
        await source.skip(size);
      }
      await source.skip((BLOCK - (size % BLOCK)) % BLOCK);
    }
  } finally {
    await source.cancel();
  }
}

function checksumMatches(header: Uint8Array): boolean {
  // The checksum counts itself as spaces.
  const [start, length] = CHECKSUM;
  const sum = header.reduce((total, byte, i) => total + (i >= start && i < start + length ? 0x20 : byte), 0);
  return parseInt(text(header, CHECKSUM), 8) === sum;
}

function nameOf(header: Uint8Array): string {
  const prefix = text(header, PREFIX);
  // Only the POSIX form has a prefix; GNU's own has times in its place.
  const posix = text(header, [257, 6]) === 'ustar';
  return posix && prefix !== '' ? `${prefix}/${text(header, NAME)}` : text(header, NAME);
}

function text(header: Uint8Array, [start, length]: readonly [number, number]): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end)).trim();
}

/** Hands out a stream's bytes in the amounts that are asked for. */
class ByteSource {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #archive: string;
  readonly #most: number;
  #asked = 0;
  #chunk: Uint8Array = new Uint8Array(0);

  constructor(stream: ReadableStream<Uint8Array>, archive: string, most: number) {
    this.#reader = stream.getReader();
    this.#archive = archive;
    this.#most = most;
  }

  /** @param first  whether nothing has been read: then too few bytes mean another kind of file */
  async read(count: number, first = false): Promise<Uint8Array<ArrayBuffer>> {
    this.#mustBeLeft(count);
    const bytes = new Uint8Array(count);
    await this.#take(
      count,
      (part, at) => {
        bytes.set(part, at);
      },
      first,
    );
    return bytes;
  }

  async skip(count: number): Promise<void> {
    this.#mustBeLeft(count);
    await this.#take(count, () => undefined, false);
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel().catch(() => undefined);
  }

  /** Before anything is read or allocated. @throws DataError */
  #mustBeLeft(count: number): void {
    this.#asked += count;
    if (this.#asked <= this.#most) return;
    throw new DataError(
      `${this.#archive} is not CIFAR-10: it unpacks to more than ${this.#most} bytes, which is too many for its size.`,
    );
  }

  async #take(count: number, use: (part: Uint8Array, at: number) => void, first: boolean): Promise<void> {
    for (let taken = 0; taken < count;) {
      if (this.#chunk.length === 0) {
        const { done, value } = await this.#reader.read();
        if (done) {
          throw new DataError(
            first
              ? `${this.#archive} holds no tar archive: choose cifar-10-binary.tar.gz.`
              : `${this.#archive} is cut short: fetch it again.`,
          );
        }
        this.#chunk = value;
        continue;
      }
      const part = this.#chunk.subarray(0, count - taken);
      use(part, taken);
      taken += part.length;
      this.#chunk = this.#chunk.subarray(part.length);
    }
  }
}
