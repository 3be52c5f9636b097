import { NO_MARGINS, type Shape } from '../shape.ts';
import type { View } from '../view.ts';
import type { Layer } from './layer.ts';

type Parts = Pick<Layer, 'type' | 'name' | 'outputShape' | 'planForward' | 'planBackward'> & Partial<Layer>;

/** A layer that reads no margins and leaves its input's activation to others; what differs is given. */
export function plainLayer(inputShapes: readonly Shape[], parts: Parts): Layer {
  return {
    activation: 'linear',
    inputShape: inputShapes[0]!,
    weights: [],
    inputMargins: NO_MARGINS,
    gradientMargins: NO_MARGINS,
    writesMargins: true,
    masksRelu: false,
    ...parts,
  };
}

/** A view as kernels take it: its address, and the bytes from one image and from one row to the next. */
export function rowsOf({ address, image, row }: View): readonly [number, number, number] {
  return [address, image, row];
}
