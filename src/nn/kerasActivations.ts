/** Activations that are layers in Keras, as in `Conv2D(8, 3, activation=LeakyReLU(0.3))`: they become layers behind. */
import { FormatError } from '../errors.ts';
import { isObject } from '../isObject.ts';
import { expandedNodes } from './kerasExpansion.ts';
import { whereOfNode, type KerasNode } from './kerasNode.ts';
import type { Options } from './named.ts';

/** @throws FormatError for an activation that is neither named nor a layer */
export function withActivationLayers(nodes: readonly KerasNode[]): KerasNode[] {
  return expandedNodes(nodes, (given, beside) => {
    const node = { ...given, config: withName(given.config) };
    const { activation = null } = node.config;
    if (activation === null || typeof activation === 'string') return [node];
    const { class_name: className, config } = isObject(activation) ? activation : {};
    if (typeof className !== 'string' || className.startsWith('__') || !isObject(config)) {
      throw new FormatError(
        `${whereOfNode(node)}: its activation is code in Python, which is not in the file. ` +
          'Give it the name of one, such as "relu", or a layer, such as LeakyReLU.',
      );
    }
    const own = withName(config);
    if (node.className === 'Activation') return [{ ...node, className, config: own }];
    const plain = { ...node, config: { ...node.config, activation: 'linear' } };
    return [plain, beside('activation', className, own, node.name)];
  });
}

/** Settings with the name of an activation instead of what Keras may write of it: `{ "class_name": "function", "config": "relu" }`. */
function withName(config: Options): Options {
  const { activation } = config;
  if (!isObject(activation) || activation.class_name !== 'function' || typeof activation.config !== 'string')
    return config;
  return { ...config, activation: activation.config };
}
