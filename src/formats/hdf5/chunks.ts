/** Datasets in chunks: boxes of the same size, each stored on its own, found by a B-tree. */
import { product } from '../../product.ts';
import { leavesOf } from './btree.ts';
import type { Filter } from './filters.ts';
import type { Cursor, Source } from './source.ts';

interface Elements {
  readonly shape: readonly number[];
  readonly elementBytes: number;
  /** Bytes of all elements. */
  readonly length: number;
}

interface Box {
  /** Of its first element. */
  readonly offsets: readonly number[];
  readonly sizes: readonly number[];
  readonly content: Uint8Array;
}

/**
 * @param layout  what is left of the message: how many dimensions, where, and the chunks' sizes
 * @param make  data to be filled in
 */
export function readChunks(
  layout: Cursor,
  elements: Elements,
  filters: readonly Filter[],
  make: (bytes: number) => Uint8Array,
  source: Source,
): Uint8Array {
  const { shape, elementBytes } = elements;
  const dimensions = layout.u8() - 1;
  const root = layout.address();
  const sizes = Array.from({ length: Math.max(0, dimensions) }, () => layout.u32());
  if (dimensions !== shape.length || dimensions === 0 || layout.u32() !== elementBytes || sizes.includes(0)) {
    throw source.broken('its chunks do not fit its shape');
  }
  const most = shape.reduce((count, size, i) => count * Math.ceil(size / sizes[i]!), 1);
  const chunkBytes = elementBytes * product(sizes);
  source.spend(most * chunkBytes);
  const data = make(elements.length);
  if (root === undefined) return data;
  // The last coordinate is that of the element's bytes.
  const keyBytes = 8 + 8 * (dimensions + 1);
  const seen = new Set<string>();
  for (const { address, key } of leavesOf(root, 'chunks', source, keyBytes)) {
    const [stored, skipped] = [key.u32(), key.u32()];
    const offsets = sizes.map(() => key.u64());
    if (offsets.some((offset, i) => offset % sizes[i]! !== 0 || offset >= shape[i]!)) {
      throw source.broken(`there is no chunk at ${offsets.join(', ')}`);
    }
    const place = offsets.join();
    if (seen.has(place)) throw source.broken(`the chunk at ${place} is there twice`);
    seen.add(place);
    source.spendPacked(stored);
    const content = filters.reduceRight(
      (bytes, filter, i) => ((skipped >> i) & 1 ? bytes : filter(bytes, chunkBytes)),
      source.view(address, stored, 'a chunk'),
    );
    if (content.length !== chunkBytes) {
      throw source.broken(`a chunk has ${content.length} bytes instead of ${chunkBytes}`);
    }
    copyBox(data, elements, { offsets, sizes, content });
  }
  return data;
}

/** Copies what of a box is inside the data, row by row. */
function copyBox(
  data: Uint8Array,
  { shape, elementBytes }: Elements,
  { offsets, sizes, content }: Box,
): void {
  const last = shape.length - 1;
  const inside = sizes.map((size, i) => Math.min(size, shape[i]! - offsets[i]!));
  const rowBytes = inside[last]! * elementBytes;
  const index = inside.map(() => 0);
  for (;;) {
    let [from, to] = [0, 0];
    for (let i = 0; i <= last; i++) {
      from = from * sizes[i]! + index[i]!;
      to = to * shape[i]! + offsets[i]! + index[i]!;
    }
    data.set(content.subarray(from * elementBytes, from * elementBytes + rowBytes), to * elementBytes);
    let dimension = last - 1;
    for (; dimension >= 0; dimension--) {
      index[dimension]!++;
      if (index[dimension]! < inside[dimension]!) break;
      index[dimension] = 0;
    }
    if (dimension < 0) return;
  }
}
