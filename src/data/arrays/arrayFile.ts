/** A file of named arrays, of which one is read at a time. */
import type { ByteReader } from '../../files/byteReader.ts';
import type { ElementType } from '../../formats/elements.ts';

export interface StoredArray {
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** The values, row-major. It must be closed. */
  readonly open: () => Promise<ByteReader>;
}

export interface ArrayFile {
  /** The arrays, of those that were asked for. */
  readonly arrays: ReadonlyMap<string, StoredArray>;
  /** Names of all arrays, or of the first ones if there are many: for messages. */
  readonly names: readonly string[];
  /** What the file says the classes are called. */
  readonly classNames: readonly string[] | undefined;
}

/** How many names a message lists. */
export const NAMES_LISTED = 20;
