/** A network as a graph without cycles: which layer takes whose output. Nothing here knows a type of layer. */
import type { Layer } from './layers/layer.ts';

/** A layer in its place. */
export interface Node {
  readonly layer: Layer;
  /** The values that it takes, by name. */
  readonly inputs: readonly string[];
  /** The name of the value that it computes. */
  readonly value: string;
}

/** Who takes each value, in the order of the nodes; a node that takes a value twice is there twice. */
export function consumersOf(nodes: readonly Node[]): Map<string, Node[]> {
  const consumers = new Map<string, Node[]>();
  for (const node of nodes) {
    for (const input of node.inputs) {
      const known = consumers.get(input);
      if (known) known.push(node);
      else consumers.set(input, [node]);
    }
  }
  return consumers;
}

/** The values whose gradients are needed: those that depend on a weight that is trained. */
export function valuesWithGradient(nodes: readonly Node[]): Set<string> {
  const wanted = new Set<string>();
  for (const { layer, inputs, value } of nodes) {
    const trains = layer.weights.some(({ trainable = true }) => trainable);
    if (trains || inputs.some((input) => wanted.has(input))) wanted.add(value);
  }
  return wanted;
}
