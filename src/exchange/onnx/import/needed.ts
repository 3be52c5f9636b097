/** The nodes of a graph that its output depends on. */
import { FormatError } from '../../../errors.ts';
import type { OnnxNode } from '../../../formats/onnx/model.ts';
import { quoted } from '../../../quoted.ts';

/**
 * Those nodes, each behind those that it needs itself, and otherwise in the order in which they stand: not all programs write them
 * in such an order.
 * @param known  the names of values that no node makes: the input and the weights
 * @throws FormatError if two nodes make the same value, one takes what none makes, or one needs its own output
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
  const takesFrom = (node: number): number[] =>
    nodes[node]!.inputs.flatMap((name) => {
      if (name === '' || known.has(name)) return [];
      const maker = makers.get(name);
      if (maker !== undefined) return maker;
      throw new FormatError(
        `${fileName}: the node ${calledAs(nodes[node]!)} takes ${quoted(name)}, which no node makes.`,
      );
    });
  const sources = sourcesOf(makers.get(output), takesFrom);
  const order = sorted(sources, (node) => {
    throw new FormatError(
      `${fileName}: the node ${calledAs(nodes[node]!)} needs its own output: the file is damaged.`,
    );
  });
  return order.map((i) => nodes[i]!);
}

function calledAs({ name, outputs }: OnnxNode): string {
  return quoted(name || outputs[0]);
}

/** The nodes that one depends on and itself, each with those whose outputs it takes. */
function sourcesOf(
  last: number | undefined,
  takesFrom: (node: number) => number[],
): ReadonlyMap<number, readonly number[]> {
  const sources = new Map<number, readonly number[]>();
  const open = last === undefined ? [] : [last];
  while (open.length > 0) {
    const node = open.pop()!;
    if (sources.has(node)) continue;
    const taken = takesFrom(node);
    sources.set(node, taken);
    // One by one: a call with all of them takes as much of the stack as the file says.
    for (const each of taken) open.push(each);
  }
  return sources;
}

/**
 * The nodes, each behind its sources. Those that stand so already stay as they are.
 * @param refuse  is called with a node that is among its own sources, or theirs, and so on
 */
function sorted(
  sources: ReadonlyMap<number, readonly number[]>,
  refuse: (node: number) => never,
): readonly number[] {
  const order: number[] = [];
  const done = new Set<number>();
  /** Nodes that wait for the one behind them, with how many of their sources have been looked at. */
  const waiting: { readonly node: number; next: number }[] = [];
  const entered = new Set<number>();
  for (const first of [...sources.keys()].sort((a, b) => a - b)) {
    if (!done.has(first)) waiting.push({ node: first, next: 0 });
    // A list instead of recursion: graphs may be deeper than the stack.
    while (waiting.length > 0) {
      const top = waiting.at(-1)!;
      entered.add(top.node);
      const source = sources.get(top.node)![top.next++];
      if (source === undefined) {
        waiting.pop();
        done.add(top.node);
        order.push(top.node);
      } else if (!done.has(source)) {
        if (entered.has(source)) refuse(source);
        waiting.push({ node: source, next: 0 });
      }
    }
  }
  return order;
}
