/**
 * The graph of a model in the form of Keras 2, which tfjs writes too: what was computed otherwise then is made of layers that compute it
 * still.
 */
import { FormatError } from '../../errors.ts';
import { isObject } from '../../isObject.ts';
import { kerasGraphOf, type KerasGraph } from '../../nn/kerasGraph.ts';
import type { KerasNode } from '../../nn/kerasNode.ts';
import { quoted } from '../../quoted.ts';
import { withHardSigmoidOfKeras2 } from './hardSigmoid.ts';

/**
 * The layers of a model.
 * @param json  `{ class_name, config }`, or an object that has that as its `model_config`; it is not trusted
 * @throws FormatError naming the layer that is not supported
 */
export function keras2Graph(json: unknown): KerasGraph {
  const model = isObject(json) && isObject(json.model_config) ? json.model_config : json;
  if (!isObject(model) || !MODELS.has(model.class_name)) {
    throw new FormatError(
      `The Keras model is of the class ${quoted(isObject(model) ? model.class_name : model)}; ` +
        'Sequential, Model and Functional are read.',
    );
  }
  const graph = kerasGraphOf(model);
  const nodes = withHardSigmoidOfKeras2(graph.nodes.map((node) => ({ ...node, ...changed(node) })));
  return { ...graph, nodes };
}

const MODELS: ReadonlySet<unknown> = new Set(['Sequential', 'Model', 'Functional']);

/** What Keras 3 has no class for, or would not take. */
function changed({ className, config: given }: KerasNode): Pick<KerasNode, 'className' | 'config'> {
  const config = Object.fromEntries(
    Object.entries(given).map(([key, value]) => [
      key,
      key.endsWith('_initializer') ? withoutType(value) : value,
    ]),
  );
  if (className === 'ThresholdedReLU') {
    const { theta = 1, ...others } = config;
    return { className: 'ReLU', config: { ...others, threshold: theta } };
  }
  return { className, config };
}

/** An initializer without the type of its values, which is float32 here. */
function withoutType(value: unknown): unknown {
  if (!isObject(value) || !isObject(value.config)) return value;
  const settings = Object.entries(value.config).filter(([key]) => key !== 'dtype');
  return { ...value, config: Object.fromEntries(settings) };
}
