import { NO_MARGINS, size, type Shape } from '../shape.ts';
import type { Layer } from './layer.ts';

/** Images to vectors in the order height, width, channels: which is how they lie in memory, so nothing moves. */
export function flattenLayer(name: string, inputShape: Shape): Layer {
  return {
    type: 'flatten',
    name,
    activation: 'linear',
    inputShape,
    outputShape: [size(inputShape)],
    weights: [],
    inputMargins: NO_MARGINS,
    gradientMargins: NO_MARGINS,
    writesMargins: false,
    masksRelu: false,
    planForward: () => ({ prepare: [], forward: () => [] }),
    planBackward: () => ({ prepare: [], backward: () => [], finish: () => [] }),
  };
}
