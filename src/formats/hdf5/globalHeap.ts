/** Global heaps: collections of texts, which elements of variable length point into. */
import type { Cursor, Source } from './source.ts';

/** A collection's own fields, and those of each object in it. */
const HEAD_BYTES = 16;

export class GlobalHeap {
  readonly #source: Source;
  /** By their addresses, and the objects in them by their indices. */
  readonly #collections = new Map<number, ReadonlyMap<number, Uint8Array>>();

  constructor(source: Source) {
    this.#source = source;
  }

  /** The bytes that an element is about. @param element  its length, an address and an index */
  read(element: Cursor): Uint8Array {
    const length = element.u32();
    const [address, index] = [element.address(), element.u32()];
    if (length === 0) return new Uint8Array(0);
    if (address === undefined) throw this.#source.broken('a text is nowhere');
    const object = this.#collection(address).get(index);
    if (object === undefined || object.length < length) {
      throw this.#source.broken(`a text of ${length} bytes is not where it should be`);
    }
    this.#source.spend(length);
    return object.subarray(0, length);
  }

  #collection(address: number): ReadonlyMap<number, Uint8Array> {
    const known = this.#collections.get(address);
    if (known !== undefined) return known;
    const read = readCollection(this.#source, address);
    this.#collections.set(address, read);
    return read;
  }
}

function readCollection(source: Source, address: number): Map<number, Uint8Array> {
  const head = source.read(address, HEAD_BYTES, 'a global heap');
  head.signature('GCOL');
  const version = head.u8();
  if (version !== 1) throw source.broken(`a global heap has version ${version} instead of 1`);
  head.skip(3);
  const size = head.u64();
  if (size < HEAD_BYTES) throw source.broken(`a global heap claims ${size} bytes`);
  const content = source.read(address + HEAD_BYTES, size - HEAD_BYTES, 'a global heap');
  const objects = new Map<number, Uint8Array>();
  while (content.remaining >= HEAD_BYTES) {
    const index = content.u16();
    // The count of references, and reserved bytes.
    content.skip(2 + 4);
    const length = content.u64();
    // Object 0 is the space that is left.
    if (index === 0) break;
    source.spend(32);
    objects.set(index, content.bytes(length));
    content.align();
  }
  return objects;
}
