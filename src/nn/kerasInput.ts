/** Models that take vectors, or images of one channel without an axis for it: here they take images, of which a layer makes those. */
import { FreeNames } from './freeNames.ts';
import type { KerasNode } from './kerasNode.ts';
import { IMAGES } from './symbolic.ts';

interface Model {
  /** Of a batch of its input: [null, 28, 28]. */
  readonly inputShape: unknown;
  readonly nodes: readonly KerasNode[];
}

/** The same with images [1, 1, length] or [height, width, 1] for its input; as it is if it takes images, or something else. */
export function ofImages({ inputShape, nodes }: Model): Model {
  const shape: unknown[] = Array.isArray(inputShape) ? inputShape.slice(1) : [];
  const isOther = shape.length < 1 || shape.length > 2 || !shape.every(Number.isInteger);
  if (isOther) return { inputShape, nodes };
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
  return { inputShape: [null, ...images], nodes: [reshape, ...others] };
}
