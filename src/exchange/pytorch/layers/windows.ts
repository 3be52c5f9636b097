/** What windows that move over images have around them. */
import {
  marginsOf,
  NO_MARGINS,
  windowGeometry,
  type Margins,
  type Padding,
  type Pair,
} from '../../../nn/shape.ts';
import type { Place } from './torchLayer.ts';

export interface Windows {
  readonly kernelSize: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
  readonly dilationRate?: Pair;
}

/** How much is padded: sizes as they are given, and what TensorFlow pads for "same". */
export function paddingOf(windows: Windows, { name, inputShapes: [input] }: Place): Margins {
  const { kernelSize, strides, padding, dilationRate } = windows;
  if (padding === 'valid') return NO_MARGINS;
  if (padding !== 'same') return marginsOf(padding);
  return windowGeometry(input!, kernelSize, strides, padding, name, dilationRate).margins;
}
