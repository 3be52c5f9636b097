/** The names in a group as they are written: a heap of them, tables in their order, and a B-tree over the tables. */
import { concatenated, padded, Writer, type Sink } from './sink.ts';

/** Half of the symbols in a table, and of the children of a node: HDF5's own defaults, which the superblock repeats. */
export const LEAF_K = 4;
export const INTERNAL_K = 16;

const TABLE_BYTES = 8 + 2 * LEAF_K * 40;
const NODE_BYTES = 24 + (2 * INTERNAL_K + 1) * 8 + 2 * INTERNAL_K * 8;

/** Where the tree and the heap of a group are. */
export interface SymbolTable {
  readonly tree: number;
  readonly heap: number;
}

/** A name in UTF-8, and the address of its object's header. */
export interface Symbol {
  readonly name: Uint8Array;
  readonly address: number;
}

/** A part of the tree: where it is, and the largest name in it, by its place in the heap. */
interface Subtree {
  readonly address: number;
  readonly last: number;
}

/** @param symbols  in any order; the names differ */
export function placeSymbols(symbols: readonly Symbol[], sink: Sink): SymbolTable {
  const sorted = [...symbols].sort((a, b) => compareBytes(a.name, b.name));
  // The empty name is before all others.
  const names: Uint8Array[] = [new Uint8Array(8)];
  let end = 8;
  const placed = sorted.map(({ name, address }) => {
    const text = padded(concatenated(name, Uint8Array.of(0)));
    names.push(text);
    end += text.length;
    return { address, last: end - text.length };
  });
  const content = sink.place(concatenated(...names));
  // A list of free space that begins at 1 is none.
  const heap = sink.place(new Writer(32).ascii('HEAP').u32(0).u64(end, 1, content).bytes);
  return { tree: placeTree(placeTables(placed, sink), sink), heap };
}

function placeTables(symbols: readonly Subtree[], sink: Sink): Subtree[] {
  return divided(symbols, 2 * LEAF_K).map((part) => {
    const table = new Writer(TABLE_BYTES).ascii('SNOD').u8(1, 0).u16(part.length);
    for (const { last, address } of part) table.u64(last, address, 0, 0, 0);
    return { address: sink.place(table.bytes), last: part.at(-1)!.last };
  });
}

/** @returns the address of its root */
function placeTree(tables: readonly Subtree[], sink: Sink): number {
  let below = tables;
  for (let level = 0; ; level++) {
    below = placeLevel(below, level, sink);
    if (below.length === 1) return below[0]!.address;
  }
}

function placeLevel(children: readonly Subtree[], level: number, sink: Sink): Subtree[] {
  const parts = children.length === 0 ? [[]] : divided(children, 2 * INTERNAL_K);
  const first = sink.end;
  const addressOf = (i: number): number => (i < 0 || i >= parts.length ? -1 : first + i * NODE_BYTES);
  // Names in a child are after the one to its left, and not after the one to its right.
  let last = 0;
  return parts.map((part, i) => {
    const node = new Writer(NODE_BYTES).ascii('TREE').u8(0, level).u16(part.length);
    node.u64(addressOf(i - 1), addressOf(i + 1), last);
    for (const child of part) node.u64(child.address, child.last);
    last = part.at(-1)?.last ?? 0;
    return { address: sink.place(node.bytes), last };
  });
}

/** In as few parts as can be, of about the same length: HDF5 wants them half full at least. */
function divided<T>(items: readonly T[], most: number): T[][] {
  const count = Math.ceil(items.length / most);
  return Array.from({ length: count }, (_, i) =>
    items.slice(Math.floor((i * items.length) / count), Math.floor(((i + 1) * items.length) / count)),
  );
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return a.length - b.length;
}
