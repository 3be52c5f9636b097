/** What is in a group, and where: by a B-tree of names, as h5py writes it, or by messages in its header (libver='latest'). */
import { quoted } from '../../quoted.ts';
import { leavesOf } from './btree.ts';
import { MESSAGE, type ObjectHeader } from './objectHeader.ts';
import { Cursor, type Source } from './source.ts';

/** Addresses of object headers, by name. */
export type Links = ReadonlyMap<string, number>;

/** Undefined if the header is that of no group. */
export function readLinks(header: ObjectHeader, source: Source): Links | undefined {
  const links = new Map<string, number>();
  const add = (name: string, address: number): void => {
    if (links.has(name)) throw source.broken(`it has ${quoted(name)} twice`);
    if (name === '' || name.includes('/')) throw source.broken(`${quoted(name)} is no name`);
    links.set(name, address);
  };
  const table = header.find(MESSAGE.symbolTable, 'a table of names');
  if (table !== undefined) {
    readSymbolTable(table, source, add);
    return links;
  }
  const info = header.find(MESSAGE.linkInfo, 'the place of links');
  if (info === undefined && !header.has(MESSAGE.link)) return undefined;
  if (info !== undefined) refuseDense(info, source);
  for (const link of header.all(MESSAGE.link, 'a link')) readLink(link, source, add);
  return links;
}

type Add = (name: string, address: number) => void;

/** More than eight links may be in a heap of their own. */
function refuseDense(info: Cursor, source: Source): void {
  info.skip(1);
  if (info.u8() & 1) info.skip(8);
  if (info.address() !== undefined) {
    throw source.unsupported(
      'has its links in a heap',
      "save it without libver='latest' and track_order=True",
    );
  }
}

function readLink(link: Cursor, source: Source, add: Add): void {
  link.skip(1);
  const flags = link.u8();
  const type = flags & 8 ? link.u8() : 0;
  if (flags & 4) link.skip(8);
  if (flags & 16) link.skip(1);
  const length = link.uint(1 << (flags & 3));
  const name = new Cursor(link.bytes(length), source, 'a link').text();
  if (type !== 0) refuseSoft(name, source);
  add(name, link.definedAddress());
}

function refuseSoft(name: string, source: Source): never {
  throw source.unsupported(`has ${quoted(name)}, a link to another place`, 'save what it leads to');
}

/** A symbol that leads to another name, not to an object. */
const SOFT = 2;

function readSymbolTable(table: Cursor, source: Source, add: Add): void {
  const [tree, heap] = [table.definedAddress(), table.definedAddress()];
  const names = readLocalHeap(source, heap);
  for (const leaf of leavesOf(tree, 'group', source)) {
    const head = source.read(leaf.address, 8, 'a table of names');
    head.signature('SNOD');
    head.skip(2);
    const count = head.u16();
    const symbols = source.read(leaf.address + 8, 40 * count, 'a table of names');
    for (let symbol = 0; symbol < count; symbol++) {
      const nameAt = symbols.u64();
      const address = symbols.address();
      const kind = symbols.u32();
      symbols.skip(4 + 16);
      const name = nameOf(names, nameAt, source);
      if (kind === SOFT || address === undefined) refuseSoft(name, source);
      add(name, address);
    }
  }
}

function nameOf(names: Uint8Array, at: number, source: Source): string {
  if (at >= names.length) throw source.broken(`a name should be at byte ${at} of ${names.length}`);
  return new Cursor(names.subarray(at), source, 'a name').text();
}

/** The names of a group, each with a zero behind it. */
function readLocalHeap(source: Source, address: number): Uint8Array {
  const head = source.read(address, 32, 'a heap of names');
  head.signature('HEAP');
  head.skip(4);
  const length = head.u64();
  head.skip(8);
  const start = head.definedAddress();
  source.spend(length);
  return source.view(start, length, 'a heap of names');
}
