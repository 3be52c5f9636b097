/** Layers of a Keras graph that become several here. */
import { FreeNames } from './freeNames.ts';
import type { KerasNode } from './kerasNode.ts';
import type { Options } from './named.ts';

/** A layer without weights beside another: its name is that of the other with a suffix. */
export type Beside = (
  suffix: string,
  className: string,
  config: Options,
  ...inputs: readonly string[]
) => KerasNode;

/**
 * The same graph with some layers made into several.
 * @param expand  what a layer becomes; the last of them gives what the layer gave
 */
export function expandedNodes(
  nodes: readonly KerasNode[],
  expand: (node: KerasNode, beside: Beside) => readonly KerasNode[],
): KerasNode[] {
  const taken = new FreeNames(nodes.map(({ name }) => name));
  /** The layers whose outputs stand for those of others. */
  const standIns = new Map<string, string>();
  return nodes.flatMap((given) => {
    const inputs = given.inputs.map((each) => standIns.get(each) ?? each);
    const beside: Beside = (suffix, className, config, ...taking) => {
      const name = taken.claim(`${given.name}_${suffix}`);
      const names = [...given.names.slice(0, -1), name];
      return { ...given, className, config, name, names, numbered: [], inputs: taking };
    };
    const made = expand({ ...given, inputs }, beside);
    standIns.set(given.name, made.at(-1)!.name);
    return made;
  });
}
