/**
 * IDX, the format of MNIST's files: a header that tells a type and a shape, then the values, row-major.
 *
 * ```
 * 2 bytes   0
 * 1 byte    type of the values; 8: unsigned bytes
 * 1 byte    number of dimensions
 * 4 bytes   for each dimension: its size, big-endian
 * ```
 */
import { FormatError } from '../errors.ts';

/** What else the values may be. */
const OTHER_TYPES: Readonly<Record<number, string>> = {
  0x09: 'signed bytes',
  0x0b: 'integers of 16 bits',
  0x0c: 'integers of 32 bits',
  0x0d: 'floats of 32 bits',
  0x0e: 'floats of 64 bits',
};

/** Images with channels have four: [count, height, width, channels]. */
const MOST_DIMENSIONS = 4;

/** As long as a header can be. */
export const IDX_HEADER_BYTES = 4 + 4 * MOST_DIMENSIONS;

export interface IdxHeader {
  readonly shape: readonly number[];
  /** Where the values begin. */
  readonly dataStart: number;
}

/**
 * @param head  the first {@link IDX_HEADER_BYTES} bytes of a file, or all that it has
 * @throws FormatError if it is no IDX file of unsigned bytes with one to four dimensions, none of them 0
 */
export function parseIdxHeader(head: Uint8Array, fileName: string): IdxHeader {
  const broken = (what: string): FormatError =>
    new FormatError(`${fileName} is not a usable IDX file: ${what}`);
  const [first, second, type, dimensions] = head;
  if (dimensions === undefined) throw broken(`it has only ${head.length} bytes; fetch it again`);
  if (first !== 0 || second !== 0) throw broken('its first two bytes are not 0; it is another kind of file');
  if (type !== 8) {
    const held = OTHER_TYPES[type!] ?? `values of the unknown type ${type!}`;
    throw broken(`it holds ${held} (byte offset 2), and simdnet reads unsigned bytes, which are type 8`);
  }
  if (dimensions < 1 || dimensions > MOST_DIMENSIONS) {
    throw broken(
      `it has ${dimensions} dimensions (byte offset 3), and simdnet reads 1 to ${MOST_DIMENSIONS}`,
    );
  }
  const dataStart = 4 + 4 * dimensions;
  if (head.length < dataStart) {
    throw broken(
      `its header should end at byte ${dataStart}, but it has only ${head.length} bytes; fetch it again`,
    );
  }
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const empty = shape.indexOf(0);
  if (empty >= 0)
    throw broken(`its dimension ${empty} (byte offset ${4 + 4 * empty}) is 0: it holds nothing`);
  return { shape, dataStart };
}
