/** What src/bundle/delta.mjs wrote, read back. */

/**
 * The bytes that edits make of others.
 * @param edits  bytes to insert and parts to copy, in turn
 * @param size   of the result
 */
export function edited(source: Uint8Array, edits: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(size);
  let [read, written, from] = [0, 0, 0];
  const number = (): number => {
    let value = 0;
    let place = 1;
    let byte: number;
    do {
      byte = edits[read++]!;
      value += (byte % 128) * place;
      place *= 128;
    } while (byte > 127);
    return value;
  };
  const put = (bytes: Uint8Array): void => {
    result.set(bytes, written);
    written += bytes.length;
  };
  while (read < edits.length) {
    const insert = number();
    put(edits.subarray(read, (read += insert)));
    if (read === edits.length) break;
    const jump = number();
    from += jump % 2 === 1 ? -(jump + 1) / 2 : jump / 2;
    put(source.subarray(from, (from += number())));
  }
  return result;
}
