/** The hard sigmoid of Keras 2 and tfjs, 0.2 · x + 0.5 between 0 and 1, by that of Keras 3, which rises by x / 6. */
import { FreeNames } from '../../nn/freeNames.ts';
import type { KerasNode } from '../../nn/kerasGraph.ts';

/** Of x / 6: makes 0.2 · x of it. */
const SLOPE = 1.2;

/** The same layers, but for hard sigmoids: they have a layer in front that stretches what they take. */
export function withHardSigmoidOfKeras2(nodes: readonly KerasNode[]): KerasNode[] {
  const names = new FreeNames(nodes.map(({ name }) => name));
  const beside = (node: KerasNode, suffix: string, className: string, config: object): KerasNode => {
    const name = names.claim(`${node.name}_${suffix}`);
    return { ...node, className, config: { ...config }, name, names: [name], numbered: [] };
  };
  /** The layers whose outputs stand for those of others. */
  const standIns = new Map<string, string>();
  return nodes.flatMap((node): KerasNode[] => {
    const inputs = node.inputs.map((each) => standIns.get(each) ?? each);
    if (!isHardSigmoid(node.config.activation)) return [{ ...node, inputs }];
    const slope = beside(node, 'slope', 'Rescaling', { scale: SLOPE });
    if (node.className === 'Activation')
      return [
        { ...slope, inputs },
        { ...node, inputs: [slope.name] },
      ];
    const activation = beside(node, 'hard_sigmoid', 'Activation', { activation: 'hard_sigmoid' });
    standIns.set(node.name, activation.name);
    return [
      { ...node, inputs, config: { ...node.config, activation: 'linear' } },
      { ...slope, inputs: [node.name] },
      { ...activation, inputs: [slope.name] },
    ];
  });
}

function isHardSigmoid(activation: unknown): boolean {
  return activation === 'hard_sigmoid' || activation === 'hardSigmoid';
}
