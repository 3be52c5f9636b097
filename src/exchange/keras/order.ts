/** The order in which Keras has the layers of a graph, and by which it numbers them in files. */
import { IMAGES } from '../../nn/symbolic.ts';

/** A layer, and the names of those that it takes. */
export interface Placed {
  readonly name: string;
  readonly inputs: readonly string[];
}

/**
 * The names of the layers, the farthest from the output first, where the longest way counts; those that are equally far in the order
 * in which a walk from the output meets them, each before what it takes, its first input first.
 * @param layers  each behind all that it takes; the last is the output
 */
export function inKerasOrder(layers: readonly Placed[]): string[] {
  const depths = depthsOf(layers);
  const met = metFrom(layers);
  return layers
    .map(({ name }) => name)
    .sort((a, b) => depths.get(b)! - depths.get(a)! || met.get(a)! - met.get(b)!);
}

/** How many layers there are at most between each and the output. */
function depthsOf(layers: readonly Placed[]): ReadonlyMap<string, number> {
  const depths = new Map<string, number>();
  for (const { name, inputs } of layers.toReversed()) {
    const depth = depths.get(name) ?? 0;
    depths.set(name, depth);
    for (const input of inputs) depths.set(input, Math.max(depths.get(input) ?? 0, depth + 1));
  }
  return depths;
}

/** When a walk from the output comes to each. */
function metFrom(layers: readonly Placed[]): ReadonlyMap<string, number> {
  const inputsOf = new Map(layers.map(({ name, inputs }) => [name, inputs]));
  const met = new Map<string, number>();
  // A list instead of recursion: networks may be deeper than the stack.
  const open = [layers.at(-1)!.name];
  while (open.length > 0) {
    const name = open.pop()!;
    if (name === IMAGES || met.has(name)) continue;
    met.set(name, met.size);
    open.push(...inputsOf.get(name)!.toReversed());
  }
  return met;
}
