/** Global heaps as they are written: collections of texts. */
import { Writer, type Sink } from './sink.ts';

/** HDF5 makes none that are smaller. */
const COLLECTION_BYTES = 4096;
const HEAD_BYTES = 16;
/** So many bytes are before each object, and before the space that is left. */
const OBJECT_HEAD_BYTES = 16;
const MOST_OBJECTS = 0xffff;

/** Of variable length: how long, and where. */
export interface HeapReference {
  readonly length: number;
  readonly address: number;
  readonly index: number;
}

/** The collection that is being filled. */
interface Collection {
  readonly address: number;
  readonly view: DataView;
  readonly bytes: Uint8Array;
  used: number;
  objects: number;
}

export class HeapWriter {
  readonly #sink: Sink;
  #current: Collection | undefined;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  add(content: Uint8Array): HeapReference {
    if (content.length === 0) return { length: 0, address: 0, index: 0 };
    const bytes = OBJECT_HEAD_BYTES + Math.ceil(content.length / 8) * 8;
    const collection = this.#withRoom(bytes);
    const { view, used } = collection;
    const index = ++collection.objects;
    view.setUint16(used, index, true);
    view.setUint16(used + 2, 1, true);
    view.setBigUint64(used + 8, BigInt(content.length), true);
    collection.bytes.set(content, used + OBJECT_HEAD_BYTES);
    collection.used += bytes;
    markFree(collection);
    return { length: content.length, address: collection.address, index };
  }

  #withRoom(bytes: number): Collection {
    const current = this.#current;
    if (current && current.used + bytes <= current.bytes.length && current.objects < MOST_OBJECTS)
      return current;
    const size = Math.max(COLLECTION_BYTES, HEAD_BYTES + bytes);
    const piece = new Writer(size).ascii('GCOL').u8(1, 0, 0, 0).u64(size).bytes;
    const address = this.#sink.place(piece);
    const collection = {
      address,
      bytes: piece,
      view: new DataView(piece.buffer),
      used: HEAD_BYTES,
      objects: 0,
    };
    // What has a collection for itself leaves no room, and the one before may have.
    if (size === COLLECTION_BYTES) this.#current = collection;
    return collection;
  }
}

/** What is left is object 0, whose length counts its own head. */
function markFree({ view, bytes, used }: Collection): void {
  const left = bytes.length - used;
  if (left < OBJECT_HEAD_BYTES) return;
  view.setBigUint64(used, 0n, true);
  view.setBigUint64(used + 8, BigInt(left), true);
}
