/** A network as a graph without cycles: which operation takes whose output. Nothing here knows a type of layer. */
import type { Operation } from './operations/operation.ts';

/** An operation in its place. */
export interface Node {
  readonly operation: Operation;
  /** The values that it takes, by name. */
  readonly inputs: readonly string[];
  /** The name of the value that it computes. */
  readonly value: string;
}

/** Who takes each value, in the order of the nodes; a node that takes a value twice is there twice. */
export function consumersOf<N extends Node>(nodes: readonly N[]): Map<string, N[]> {
  const consumers = new Map<string, N[]>();
  for (const node of nodes) {
    for (const input of node.inputs) {
      const known = consumers.get(input);
      if (known) known.push(node);
      else consumers.set(input, [node]);
    }
  }
  return consumers;
}

/** The one node that takes a value, if there is no other. */
export function onlyConsumer(consumers: ReadonlyMap<string, Node[]>, value: string): Node | undefined {
  const [first, ...others] = consumers.get(value) ?? [];
  return others.length === 0 ? first : undefined;
}

/** The values whose gradients are needed: those that depend on a weight that is trained. @param trained  by name */
export function valuesWithGradient(nodes: readonly Node[], trained: ReadonlySet<string>): Set<string> {
  const wanted = new Set<string>();
  for (const { operation, inputs, value } of nodes) {
    const trains = Object.values(operation.weights ?? {}).some((weight) => trained.has(weight));
    if (trains || inputs.some((input) => wanted.has(input))) wanted.add(value);
  }
  return wanted;
}
