/** Reading HDF5: groups from the root down, and what is in them. */
import { MAX_GROUP_DEPTH } from '../../limits.ts';
import { readAttributes } from './attribute.ts';
import { readDataspace } from './dataspace.ts';
import { readDatatype } from './datatype.ts';
import { GlobalHeap } from './globalHeap.ts';
import { emptyGroup, type H5Dataset, type H5Group } from './hdf5.ts';
import { readData } from './layout.ts';
import { readLinks } from './links.ts';
import { MESSAGE, readObjectHeader, type ObjectHeader } from './objectHeader.ts';
import { Source } from './source.ts';
import { readSuperblock } from './superblock.ts';
import { readElements } from './values.ts';

/**
 * Reads a whole file.
 *
 * @param bytes the file; nothing returned shares memory with it
 * @param fileName for messages only
 * @throws FormatError naming the file and what is wrong with it, or what of it is not supported
 */
export function decodeHdf5(bytes: Uint8Array, fileName: string): H5Group {
  const source = new Source(bytes, fileName);
  const address = readSuperblock(source);
  return new Tree(source).read(address);
}

/** A group whose content is still to be read. */
interface Pending {
  readonly path: string;
  readonly depth: number;
  readonly group: H5Group;
  readonly links: ReadonlyMap<string, number>;
}

class Tree {
  readonly #source: Source;
  readonly #heap: GlobalHeap;
  /** Addresses of groups. */
  readonly #seen = new Set<number>();

  constructor(source: Source) {
    this.#source = source;
    this.#heap = new GlobalHeap(source);
  }

  read(rootAddress: number): H5Group {
    const header = readObjectHeader(this.#source, rootAddress);
    const links = readLinks(header, this.#source);
    if (links === undefined) throw this.#source.broken('its root is no group');
    this.#seen.add(rootAddress);
    const root = this.#openGroup(header);
    const pending: Pending[] = [{ path: '', depth: 0, group: root, links }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      for (const [name, address] of next.links) this.#readObject(name, address, next, pending);
    }
    return root;
  }

  #readObject(name: string, address: number, parent: Pending, pending: Pending[]): void {
    const path = `${parent.path}/${name}`;
    const depth = parent.depth + 1;
    this.#source.path = path;
    const header = readObjectHeader(this.#source, address);
    const links = readLinks(header, this.#source);
    if (links === undefined) {
      parent.group.datasets.set(name, this.#readDataset(header));
      return;
    }
    if (this.#seen.has(address)) throw this.#source.broken('it is a group that is somewhere else too');
    if (depth > MAX_GROUP_DEPTH)
      throw this.#source.broken(`groups are nested deeper than ${MAX_GROUP_DEPTH}`);
    this.#seen.add(address);
    const group = this.#openGroup(header);
    parent.group.groups.set(name, group);
    pending.push({ path, depth, group, links });
  }

  #openGroup(header: ObjectHeader): H5Group {
    return { ...emptyGroup(), attributes: readAttributes(header, this.#source, this.#heap) };
  }

  #readDataset(header: ObjectHeader): H5Dataset {
    const source = this.#source;
    const type = readDatatype(header.get(MESSAGE.datatype, 'its datatype'), source);
    const space = readDataspace(header.get(MESSAGE.dataspace, 'its dataspace'), source);
    if (space.isNull) throw source.unsupported('has no value', 'save an array');
    const bytes = readData(header, space, type.size, source);
    return {
      attributes: readAttributes(header, source, this.#heap),
      shape: space.shape,
      data: readElements(bytes, type, source, this.#heap),
    };
  }
}
