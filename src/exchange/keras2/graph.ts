/**
 * The graph of a model in the form of Keras 2, which tfjs writes too: what was computed otherwise then is made of layers that compute it
 * still.
 */
import { FormatError } from '../../errors.ts';
import { isObject } from '../../isObject.ts';
import { FreeNames } from '../../nn/freeNames.ts';
import { kerasGraphOf, type KerasGraph } from '../../nn/kerasGraph.ts';
import type { KerasNode } from '../../nn/kerasNode.ts';
import { IMAGES } from '../../nn/symbolic.ts';
import { quoted } from '../../quoted.ts';
import { withHardSigmoidOfKeras2 } from './hardSigmoid.ts';

/**
 * The layers of a model; one that takes vectors, or images of one channel without an axis for it, has a layer that makes them of images.
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
  return ofImages({ ...graph, nodes });
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
  // In its place tfjs writes the regularizer once more.
  if (className === 'DepthwiseConv2D')
    return { className, config: { ...config, depthwise_constraint: null } };
  return { className, config };
}

/** An initializer without the type of its values, which is float32 here. */
function withoutType(value: unknown): unknown {
  if (!isObject(value) || !isObject(value.config)) return value;
  const settings = Object.entries(value.config).filter(([key]) => key !== 'dtype');
  return { ...value, config: Object.fromEntries(settings) };
}

/** A graph whose input is [batch, height, width, channels]. */
function ofImages(graph: KerasGraph): KerasGraph {
  const { inputShape, nodes } = graph;
  const shape: unknown[] = Array.isArray(inputShape) ? inputShape.slice(1) : [];
  if (shape.length < 1 || shape.length > 2) return graph;
  const name = new FreeNames(nodes.map((node) => node.name)).claim('input_reshape');
  const reshape: KerasNode = {
    className: 'Reshape',
    config: { target_shape: shape },
    name,
    inputs: [IMAGES],
    trainable: true,
    names: [name],
    numbered: [],
  };
  const others = nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map((each) => (each === IMAGES ? name : each)),
  }));
  const images = shape.length === 1 ? [1, 1, ...shape] : [...shape, 1];
  return { ...graph, inputShape: [null, ...images], nodes: [reshape, ...others] };
}
