/** B-trees of version 1: over the names in a group, or over the chunks of a dataset. */
import type { Cursor, Source } from './source.ts';

/** What a tree is over, by how the file says it. */
const KINDS = { group: 0, chunks: 1 } as const;

const HEAD_BYTES = 24;

/** A child of the lowest nodes: a table of names, or a chunk. */
export interface Leaf {
  readonly address: number;
  /** What stands before it in the node; all of it is there. */
  readonly key: Cursor;
}

interface Node {
  readonly address: number;
  /** Above the lowest nodes, which have 0; unknown of the root. */
  readonly level: number | undefined;
}

/** All leaves, in order. Levels must go down, so that no node can be in itself. */
export function* leavesOf(
  root: number,
  kind: keyof typeof KINDS,
  source: Source,
  keyBytes = 8,
): Generator<Leaf> {
  const stack: Node[] = [{ address: root, level: undefined }];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    const head = source.read(node.address, HEAD_BYTES, 'a tree');
    head.signature('TREE');
    if (head.u8() !== KINDS[kind]) throw source.broken('a tree is of another kind than it should be');
    const level = head.u8();
    if (node.level !== undefined && level !== node.level)
      throw source.broken('the levels of a tree are wrong');
    const count = head.u16();
    const entries = source.read(node.address + HEAD_BYTES, count * (keyBytes + 8), 'a tree');
    const children: Node[] = [];
    for (let child = 0; child < count; child++) {
      const key = source.cursorOf(entries.bytes(keyBytes), 'a tree');
      const address = entries.definedAddress();
      if (level === 0) yield { address, key };
      else children.push({ address, level: level - 1 });
    }
    stack.push(...children.reverse());
  }
}
