/** Object headers: the messages that say what a group or a dataset is. */
import { Cursor, type Source } from './source.ts';

/** Kinds of messages. */
export const MESSAGE = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  fillValue: 0x05,
  link: 0x06,
  externalFiles: 0x07,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

/** In a message's flags: it is elsewhere, and here is only where. */
const SHARED = 0x02;

export interface Message {
  readonly kind: number;
  readonly shared: boolean;
  readonly bytes: Uint8Array;
}

/** A block of messages: the first follows the header's own fields, the others are elsewhere in the file. */
interface Block {
  readonly cursor: Cursor;
  readonly address: number;
}

export class ObjectHeader {
  readonly messages: readonly Message[];
  readonly #source: Source;

  constructor(messages: readonly Message[], source: Source) {
    this.messages = messages;
    this.#source = source;
  }

  has(kind: number): boolean {
    return this.messages.some((message) => message.kind === kind);
  }

  /** All messages of a kind. */
  *all(kind: number, what: string): Generator<Cursor> {
    for (const message of this.messages) {
      if (message.kind !== kind) continue;
      if (message.shared) {
        throw this.#source.unsupported(
          `shares ${what} with other objects`,
          'save it without named types, as h5py does by default',
        );
      }
      yield new Cursor(message.bytes, this.#source, what);
    }
  }

  /** The message of a kind, if there is one. */
  find(kind: number, what: string): Cursor | undefined {
    for (const cursor of this.all(kind, what)) return cursor;
    return undefined;
  }

  /** The message of a kind that must be there. */
  get(kind: number, what: string): Cursor {
    const found = this.find(kind, what);
    if (found === undefined) throw this.#source.broken(`${what} is missing`);
    return found;
  }
}

export function readObjectHeader(source: Source, address: number): ObjectHeader {
  const prefix = source.from(address, 'an object header');
  source.spend(16);
  const first = prefix.u8();
  if (first === 1) return new ObjectHeader(readOlder(source, address, prefix), source);
  if (first !== 0x4f) throw source.broken(`there is no object header at byte ${address}`);
  return new ObjectHeader(readNewer(source, address), source);
}

/** Version 1. */
function readOlder(source: Source, address: number, prefix: Cursor): Message[] {
  // A reserved byte, the number of messages, which the blocks' lengths say too, and of references.
  prefix.skip(1 + 2 + 4);
  const length = prefix.u32();
  const first = { address, cursor: source.read(address + 16, length, 'an object header') };
  return readBlocks(source, first, 8, (cursor) => {
    const [kind, bytes, flags] = [cursor.u16(), cursor.u16(), cursor.u8()];
    cursor.skip(3);
    return { kind, shared: (flags & SHARED) !== 0, bytes: cursor.bytes(bytes) };
  });
}

/** Version 2: "OHDR", and blocks elsewhere begin with "OCHK"; each ends with a checksum. */
function readNewer(source: Source, address: number): Message[] {
  const prefix = source.from(address, 'an object header');
  prefix.signature('OHDR');
  const version = prefix.u8();
  if (version !== 2) throw source.broken(`an object header has version ${version}, and there are 1 and 2`);
  const flags = prefix.u8();
  const times = flags & 0x20 ? 16 : 0;
  const attributeCounts = flags & 0x10 ? 4 : 0;
  prefix.skip(times + attributeCounts);
  const length = prefix.uint(1 << (flags & 3));
  const orderBytes = flags & 4 ? 2 : 0;
  const first = { address, cursor: source.read(address + prefix.position, length, 'an object header') };
  return readBlocks(
    source,
    first,
    4 + orderBytes,
    (cursor) => {
      const [kind, bytes, messageFlags] = [cursor.u8(), cursor.u16(), cursor.u8()];
      cursor.skip(orderBytes);
      return { kind, shared: (messageFlags & SHARED) !== 0, bytes: cursor.bytes(bytes) };
    },
    'OCHK',
  );
}

/**
 * @param headBytes  of a message without its content
 * @param signature  of the blocks after the first, which then end with a checksum
 */
function readBlocks(
  source: Source,
  first: Block,
  headBytes: number,
  readMessage: (cursor: Cursor) => Message,
  signature = '',
): Message[] {
  const messages: Message[] = [];
  const seen = new Set<number>();
  const blocks = [first];
  for (let block = blocks.pop(); block !== undefined; block = blocks.pop()) {
    if (seen.has(block.address)) throw source.broken('an object header goes on where it has been');
    seen.add(block.address);
    const { cursor } = block;
    // What is left when no message fits is a gap.
    while (cursor.remaining >= headBytes) {
      const message = readMessage(cursor);
      // A message costs more than the bytes that it is in.
      source.spend(32);
      if (message.kind === MESSAGE.continuation) {
        blocks.push(continuation(source, new Cursor(message.bytes, source, 'an object header'), signature));
      } else {
        messages.push(message);
      }
    }
  }
  return messages;
}

function continuation(source: Source, where: Cursor, signature: string): Block {
  const [address, length] = [where.definedAddress(), where.u64()];
  const cursor = source.read(address, length, 'the rest of an object header');
  if (signature === '') return { address, cursor };
  cursor.signature(signature);
  const content = cursor.bytes(Math.max(0, cursor.remaining - 4));
  return { address, cursor: new Cursor(content, source, 'the rest of an object header') };
}
