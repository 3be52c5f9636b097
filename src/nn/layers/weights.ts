/** The weights that layers of products have: a kernel, and a bias for each of its columns. */
import type { ConvolutionWeights } from '../operations/convolution.ts';
import type { Shape } from '../shape.ts';
import { weightName, type WeightSpec } from './layer.ts';

export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/** @param layer  its name */
export function kernelAndBias(
  layer: string,
  shape: Shape,
  useBias: boolean,
  fans: Fans,
): { readonly weights: readonly WeightSpec[]; readonly names: ConvolutionWeights } {
  const kernel: WeightSpec = { name: 'kernel', shape, initializer: 'glorotUniform', ...fans };
  const bias: WeightSpec = { name: 'bias', shape: [shape.at(-1)!], initializer: 'zeros', ...fans };
  return {
    weights: useBias ? [kernel, bias] : [kernel],
    names: {
      kernel: weightName(layer, 'kernel'),
      ...(useBias && { bias: weightName(layer, 'bias') }),
    },
  };
}
