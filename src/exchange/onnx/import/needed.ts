/** The nodes of a graph that its output depends on. */
import { FormatError } from '../../../errors.ts';
import type { OnnxNode } from '../../../formats/onnx/model.ts';
import { quoted } from '../../../quoted.ts';

/**
 * Those nodes, in the order in which they stand.
 * @param known  the names of values that no node makes: the input and the weights
 * @throws FormatError if two nodes make the same value, or one takes what none has made before it
 */
export function neededNodes(
  nodes: readonly OnnxNode[],
  known: ReadonlySet<string>,
  output: string,
  fileName: string,
): OnnxNode[] {
  const makers = new Map<string, number>();
  nodes.forEach(({ outputs }, i) => {
    for (const name of outputs) {
      if (name === '') continue;
      if (makers.has(name) || known.has(name)) {
        throw new FormatError(`${fileName}: the value ${quoted(name)} is made twice: the file is damaged.`);
      }
      makers.set(name, i);
    }
  });
  if (!makers.has(output) && !known.has(output)) {
    throw new FormatError(`${fileName}: no node makes its output ${quoted(output)}.`);
  }
  const needed = new Set<number>();
  const open = [output];
  // A list instead of recursion: graphs may be deeper than the stack.
  while (open.length > 0) {
    const maker = makers.get(open.pop()!);
    if (maker === undefined || needed.has(maker)) continue;
    needed.add(maker);
    for (const name of nodes[maker]!.inputs) {
      if (name === '' || known.has(name)) continue;
      if (!((makers.get(name) ?? Infinity) < maker)) {
        throw new FormatError(
          `${fileName}: the node ${quoted(nodes[maker]!.name || nodes[maker]!.outputs[0])} takes ${quoted(name)}, ` +
            'which no node before it makes.',
        );
      }
      open.push(name);
    }
  }
  return [...needed].sort((a, b) => a - b).map((i) => nodes[i]!);
}
