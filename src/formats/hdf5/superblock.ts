/** The superblock: the first bytes of a file, and where its root group is. */
import type { Cursor, Source } from './source.ts';

/** "\x89HDF\r\n\x1a\n". */
export const SIGNATURE: readonly number[] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

const MOST_BYTES = 100;

/** Where the object header of the root group is. */
export function readSuperblock(source: Source): number {
  const head = source.read(0, Math.min(source.length, MOST_BYTES), 'the superblock');
  if (head.remaining < 8 || head.bytes(8).some((byte, i) => byte !== SIGNATURE[i])) {
    throw source.broken('it does not begin with "\\x89HDF"; it is another kind of file');
  }
  const version = head.u8();
  if (version > 3) {
    throw source.unsupported(
      `has a superblock of version ${version}`,
      'save it with h5py, or with an earlier HDF5',
    );
  }
  return version < 2 ? olderRoot(head, version, source) : newerRoot(head, source);
}

function olderRoot(head: Cursor, version: number, source: Source): number {
  // Versions of the free space, of the root's entry, and of shared messages, with a reserved byte.
  head.skip(4);
  checkSizes(head, source);
  // A reserved byte, the sizes of nodes, which say themselves how much is in them, and flags.
  head.skip(1 + 2 + 2 + 4 + (version === 1 ? 4 : 0));
  checkBase(head, source);
  head.skip(8);
  checkEnd(head, source);
  head.skip(8);
  // The root's name is none.
  head.skip(8);
  return head.definedAddress();
}

function newerRoot(head: Cursor, source: Source): number {
  checkSizes(head, source);
  head.skip(1);
  checkBase(head, source);
  head.skip(8);
  checkEnd(head, source);
  return head.definedAddress();
}

function checkSizes(head: Cursor, source: Source): void {
  const [offsets, lengths] = [head.u8(), head.u8()];
  if (offsets !== 8 || lengths !== 8) {
    throw source.unsupported(
      `has addresses of ${offsets} and lengths of ${lengths} bytes`,
      'save it with h5py',
    );
  }
}

function checkBase(head: Cursor, source: Source): void {
  if (head.address() !== 0) {
    throw source.unsupported(
      'has addresses that do not count from its start',
      'save it without a user block',
    );
  }
}

function checkEnd(head: Cursor, source: Source): void {
  const end = head.u64();
  if (end > source.length) {
    throw source.broken(`it should have ${end} bytes, and has ${source.length}: it is cut short`);
  }
}
