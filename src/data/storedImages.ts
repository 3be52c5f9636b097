/** Images that are kept elsewhere than in memory, such as in a file, and read a batch at a time. */
/** Images of bytes 0…255, [count, height, width, channels]. */
export interface StoredImages {
  /** Numbers in all of them together. */
  readonly length: number;
  /** Reads the images at `rows` into `target`, one behind the other. Several calls may be under way at once. */
  read(rows: Uint32Array, target: Uint8Array): Promise<void>;
}

export function areStored(x: Uint8Array | Float32Array | StoredImages): x is StoredImages {
  return !ArrayBuffer.isView(x);
}

/** Some images. @param order  which; all in order by default */
export async function readStored(
  from: StoredImages,
  size: number,
  begin: number,
  count: number,
  order?: Uint32Array,
): Promise<Uint8Array> {
  const images = new Uint8Array(count * size);
  await from.read(
    order?.subarray(begin, begin + count) ?? Uint32Array.from({ length: count }, (_, i) => begin + i),
    images,
  );
  return images;
}

/** The images from `begin` on, so many numbers of them. */
export function sliceStored(from: StoredImages, begin: number, length: number): StoredImages {
  return {
    length,
    read: (rows, target) =>
      from.read(
        rows.map((row) => row + begin),
        target,
      ),
  };
}
