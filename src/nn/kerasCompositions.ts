/** Layers of Keras that are made of several here. */
import { expandedNodes, type Beside } from './kerasExpansion.ts';
import type { KerasNode } from './kerasNode.ts';

/** The same graph without them. */
export function withoutCompositions(nodes: readonly KerasNode[]): KerasNode[] {
  return expandedNodes(nodes, (node, beside) => COMPOSITIONS.get(node.className)?.(node, beside) ?? [node]);
}

type Composition = (node: KerasNode, beside: Beside) => readonly KerasNode[] | undefined;

const COMPOSITIONS: ReadonlyMap<string, Composition> = new Map<string, Composition>([
  [
    'Average',
    (node, beside) => [
      { ...node, className: 'Add' },
      beside('mean', 'Rescaling', { scale: 1 / node.inputs.length }, node.name),
    ],
  ],
  [
    'ELU',
    // α · elu(x) + (1 − α) · relu(x), which is x above 0.
    (node, beside) => {
      const { alpha = 1 } = node.config;
      if (typeof alpha !== 'number' || alpha === 1) return undefined;
      const elu = beside('elu', 'Activation', { activation: 'elu' }, ...node.inputs);
      const scaled = beside('scaled', 'Rescaling', { scale: alpha }, elu.name);
      const positive = beside('positive', 'ReLU', {}, ...node.inputs);
      const rest = beside('rest', 'Rescaling', { scale: 1 - alpha }, positive.name);
      return [
        elu,
        scaled,
        positive,
        rest,
        { ...node, className: 'Add', config: {}, inputs: [scaled.name, rest.name] },
      ];
    },
  ],
]);
