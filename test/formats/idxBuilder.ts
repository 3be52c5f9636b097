/** IDX files, right or wrong. */

export interface IdxParts {
  readonly shape: readonly number[];
  readonly data?: Uint8Array;
  /** 8: unsigned bytes. */
  readonly type?: number;
}

/** A file of bytes; without `data`, byte i is i. */
export function idxFile({ shape, data, type = 8 }: IdxParts): Uint8Array<ArrayBuffer> {
  const count = shape.reduce((product, size) => product * size, 1);
  const values = data ?? Uint8Array.from({ length: count }, (_, i) => i);
  const file = new Uint8Array(4 + 4 * shape.length + values.length);
  file.set([0, 0, type, shape.length]);
  shape.forEach((size, i) => {
    new DataView(file.buffer).setUint32(4 + 4 * i, size);
  });
  file.set(values, 4 + 4 * shape.length);
  return file;
}
