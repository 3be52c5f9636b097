/** Finding a name in the root group as the HDF5 library does: down the tree by its keys, never past them. */

/** @returns the address of the object's header, if it is found */
export function lookUp(file: Uint8Array<ArrayBuffer>, name: string): number | undefined {
  const view = new DataView(file.buffer);
  const u64 = (at: number): number => Number(view.getBigUint64(at, true));
  const wanted = Buffer.from(name);
  // In the root's entry of the superblock; the heap's content is where its last field says.
  const [tree, names] = [u64(80), u64(u64(88) + 24)];
  const compare = (nameAt: number): number => {
    const start = names + nameAt;
    return wanted.compare(file.subarray(start, file.indexOf(0, start)));
  };
  let node = tree;
  for (;;) {
    const [level, count] = [file[node + 5]!, view.getUint16(node + 6, true)];
    // Key, child, key, child, …, key: a name is after the key before its child, and not after the one behind it.
    const key = (i: number): number => u64(node + 24 + 16 * i);
    let child = 0;
    while (child < count && compare(key(child + 1)) > 0) child++;
    if (child === count || compare(key(child)) <= 0) return undefined;
    node = u64(node + 32 + 16 * child);
    if (level === 0) break;
  }
  for (let symbol = 0; symbol < view.getUint16(node + 6, true); symbol++) {
    const at = node + 8 + 40 * symbol;
    if (compare(u64(at)) === 0) return u64(at + 8);
  }
  return undefined;
}
