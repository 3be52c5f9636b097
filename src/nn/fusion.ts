/** Rewriting a graph to what is computed: layers that are faster as one, where nobody else takes what is in between. */
import { consumersOf, type Node } from './graph.ts';

/** The graph after a rule has been applied wherever it can be. */
type Rule = (nodes: readonly Node[]) => Node[];

/** The rules, in the order in which they are applied. */
const RULES: readonly Rule[] = [fusePooling];

/** The nodes as they are computed. */
export function fuse(nodes: readonly Node[]): Node[] {
  return RULES.reduce<readonly Node[]>((rewritten, rule) => rule(rewritten), nodes) as Node[];
}

/** A convolution and the 2×2 max pooling behind it. */
function fusePooling(nodes: readonly Node[]): Node[] {
  const consumers = consumersOf(nodes);
  const replaced = new Map<Node, Node | undefined>();
  for (const node of nodes) {
    const [pooling, ...others] = consumers.get(node.value) ?? [];
    if (!pooling?.layer.pools2x2 || others.length > 0) continue;
    const layer = node.layer.withPooling?.(pooling.layer);
    if (!layer) continue;
    replaced.set(node, { layer, inputs: node.inputs, value: pooling.value });
    replaced.set(pooling, undefined);
  }
  return nodes.flatMap((node) => {
    const now = replaced.has(node) ? replaced.get(node) : node;
    return now ? [now] : [];
  });
}
