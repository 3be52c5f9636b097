/** Writing HDF5 as its oldest version has it, which is what h5py writes by default: every HDF5 library reads it. */
import { codeUnitOrder } from '../../codeUnitOrder.ts';
import { MAX_GROUP_DEPTH } from '../../limits.ts';
import { product } from '../../product.ts';
import { quoted } from '../../quoted.ts';
import { encodeNumbers, encodeTexts } from './encodeElements.ts';
import {
  checkedText,
  encodeAttributes,
  encodeDataspace,
  encodeHeader,
  encodeMessage,
  isTexts,
  unfit,
} from './encodeHeader.ts';
import { INTERNAL_K, LEAF_K, placeSymbols, type Symbol, type SymbolTable } from './encodeGroup.ts';
import { HeapWriter } from './encodeHeap.ts';
import type { H5Dataset, H5Group } from './hdf5.ts';
import { MESSAGE } from './objectHeader.ts';
import { Sink, Writer } from './sink.ts';
import { SIGNATURE } from './superblock.ts';

const SUPERBLOCK_BYTES = 96;
const NOWHERE = -1;

/** Fill value, version 2: space late, written if set, and none defined that differs from zero. */
const NO_FILL = Uint8Array.of(2, 2, 2, 1, 0, 0, 0, 0);

/**
 * The bytes of a file that every HDF5 library reads. The same content always gives the same bytes, whatever the order of
 * groups and datasets; attributes keep theirs.
 *
 * @throws OptionError if there is something in it that HDF5 cannot hold: a name with "/" in it, data that do not fill their shape,
 *   an attribute of more than 64 KB
 */
export function encodeHdf5(root: H5Group): Uint8Array<ArrayBuffer> {
  const sink = new Sink();
  const superblock = new Writer(SUPERBLOCK_BYTES);
  sink.place(superblock.bytes);
  const { header, table } = new TreeWriter(sink).placeGroup(root, '', 0);
  // Versions, sizes of addresses and lengths.
  superblock.put(Uint8Array.from(SIGNATURE)).u8(0, 0, 0, 0, 0, 8, 8, 0);
  superblock.u16(LEAF_K, INTERNAL_K).u32(0).u64(0, NOWHERE, sink.end, NOWHERE);
  // The root's entry repeats where its names are.
  superblock.u64(0, header).u32(1, 0).u64(table.tree, table.heap);
  return sink.finish();
}

class TreeWriter {
  readonly #sink: Sink;
  readonly #heap: HeapWriter;

  constructor(sink: Sink) {
    this.#sink = sink;
    this.#heap = new HeapWriter(sink);
  }

  /** What is in it comes first, because it is pointed at. @param path  without a "/" at its end */
  placeGroup(group: H5Group, path: string, depth: number): { header: number; table: SymbolTable } {
    if (depth > MAX_GROUP_DEPTH) throw unfit(path, `is deeper than ${MAX_GROUP_DEPTH} groups`);
    const symbols: Symbol[] = [];
    for (const [name, child] of sorted(group.groups)) {
      const childPath = `${path}/${checkedName(name, path)}`;
      symbols.push({ name: encoded(name), address: this.placeGroup(child, childPath, depth + 1).header });
    }
    for (const [name, dataset] of sorted(group.datasets)) {
      if (group.groups.has(name))
        throw unfit(path || '/', `has a group and a dataset called ${quoted(name)}`);
      const childPath = `${path}/${checkedName(name, path)}`;
      symbols.push({ name: encoded(name), address: this.#placeDataset(dataset, childPath) });
    }
    const table = placeSymbols(symbols, this.#sink);
    const messages = [
      encodeMessage(MESSAGE.symbolTable, new Writer(16).u64(table.tree, table.heap).bytes),
      ...encodeAttributes(group.attributes, this.#heap, path || '/'),
    ];
    return { header: this.#sink.place(encodeHeader(messages, path || '/')), table };
  }

  #placeDataset({ attributes, shape, data }: H5Dataset, path: string): number {
    const count = product(shape);
    if (count !== data.length || shape.length > 32) {
      throw unfit(path, `has ${data.length} elements, and its shape is ${quoted(shape)}`);
    }
    const elements = isTexts(data)
      ? encodeTexts(
          data.map((text) => checkedText(text, path)),
          this.#heap,
        )
      : encodeNumbers(data);
    const bytes = elements.data.length;
    const address = bytes === 0 ? NOWHERE : this.#sink.place(elements.data);
    const messages = [
      encodeMessage(MESSAGE.dataspace, encodeDataspace(shape)),
      encodeMessage(MESSAGE.datatype, elements.datatype),
      encodeMessage(MESSAGE.fillValue, NO_FILL),
      // Version 3, contiguous.
      encodeMessage(MESSAGE.layout, new Writer(18).u8(3, 1).u64(address, bytes).bytes),
      ...encodeAttributes(attributes, this.#heap, path),
    ];
    return this.#sink.place(encodeHeader(messages, path));
  }
}

/** So that the order of a map makes no difference. */
function sorted<T>(named: ReadonlyMap<string, T>): [name: string, value: T][] {
  return [...named].sort(([a], [b]) => codeUnitOrder(a, b));
}

function checkedName(name: string, path: string): string {
  if (name === '' || name === '.' || name.includes('/')) {
    throw unfit(path || '/', `has ${quoted(name)} in it, which is no name`);
  }
  return checkedText(name, path || '/');
}

function encoded(name: string): Uint8Array {
  return new TextEncoder().encode(name);
}
