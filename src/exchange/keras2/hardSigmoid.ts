/** The hard sigmoid of Keras 2 and tfjs, 0.2 · x + 0.5 between 0 and 1, by that of Keras 3, which rises by x / 6. */
import { expandedNodes } from '../../nn/kerasExpansion.ts';
import type { KerasNode } from '../../nn/kerasNode.ts';

/** Of x / 6: makes 0.2 · x of it. */
const SLOPE = 1.2;

/** The same layers, but for hard sigmoids: they have a layer in front that stretches what they take. */
export function withHardSigmoidOfKeras2(nodes: readonly KerasNode[]): KerasNode[] {
  return expandedNodes(nodes, (node, beside) => {
    if (!isHardSigmoid(node.config.activation)) return [node];
    if (node.className === 'Activation') {
      const slope = beside('slope', 'Rescaling', { scale: SLOPE }, ...node.inputs);
      return [slope, { ...node, inputs: [slope.name] }];
    }
    const slope = beside('slope', 'Rescaling', { scale: SLOPE }, node.name);
    return [
      { ...node, config: { ...node.config, activation: 'linear' } },
      slope,
      beside('hard_sigmoid', 'Activation', { activation: 'hard_sigmoid' }, slope.name),
    ];
  });
}

function isHardSigmoid(activation: unknown): boolean {
  return activation === 'hard_sigmoid' || activation === 'hardSigmoid';
}
