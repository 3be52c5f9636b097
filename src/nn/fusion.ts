/** Rewriting a graph to what is computed: operations that are faster as one, where nobody else takes what is in between. */
import { consumersOf, onlyConsumer, type Node } from './graph.ts';
import type { Operation } from './operations/operation.ts';

/** An operation and the one behind it as one, if they can be. */
type Rule = (first: Operation, second: Operation, training: boolean) => Operation | undefined;

/** The rules, in the order in which they are applied. */
const RULES: readonly Rule[] = [
  (first, { affine }) => affine && first.withAffine?.(affine),
  (first, { activation }, training) => activation && first.withActivation?.(activation, training),
  (first, second) => (second.pools2x2 ? first.withPooling?.(second) : undefined),
];

/** The nodes as they are computed. */
export function fuse(nodes: readonly Node[], training: boolean): Node[] {
  return RULES.reduce<Node[]>((rewritten, rule) => apply(rule, rewritten, training), [...nodes]);
}

/** Applies a rule wherever the second operation alone takes the output of the first. */
function apply(rule: Rule, nodes: readonly Node[], training: boolean): Node[] {
  const consumers = consumersOf(nodes);
  const merged = new Set<Node>();
  const fused = nodes.map((node): Node => {
    const next = onlyConsumer(consumers, node.value);
    if (!next || next.inputs.length > 1) return node;
    const operation = rule(node.operation, next.operation, training);
    if (!operation) return node;
    merged.add(next);
    return { operation, inputs: node.inputs, value: next.value };
  });
  return fused.filter((_, i) => !merged.has(nodes[i]!));
}
