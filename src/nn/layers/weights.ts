/** The weights that layers of products have: a kernel, and a bias for each of its columns. */
import type { ConvolutionWeights } from '../operations/convolution.ts';
import type { Shape } from '../shape.ts';
import { weightName, type WeightSpec } from './layer.ts';
import { settingsOf } from './weightOptions.ts';

/** What such layers' options call their weights. */
export const KERNEL_AND_BIAS = ['kernel', 'bias'] as const;

export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/**
 * @param layer  its name
 * @param data   its spec, with what was given for "kernel" and "bias"
 */
export function kernelAndBias(
  layer: string,
  data: object,
  shape: Shape,
  useBias: boolean,
  fans: Fans,
): { readonly weights: readonly WeightSpec[]; readonly names: ConvolutionWeights } {
  const kernel: WeightSpec = {
    name: 'kernel',
    shape,
    ...settingsOf(data, 'kernel', 'glorotUniform'),
    ...fans,
    isMatrix: true,
  };
  const bias = biasOf(data, shape.at(-1)!);
  return {
    weights: useBias ? [kernel, bias] : [kernel],
    names: {
      kernel: weightName(layer, 'kernel'),
      ...(useBias && { bias: weightName(layer, 'bias') }),
    },
  };
}

/** The bias of each of so many channels. @param data  the layer's spec, with what was given for "bias" */
export function biasOf(data: object, channels: number): WeightSpec {
  return {
    name: 'bias',
    shape: [channels],
    ...settingsOf(data, 'bias', 'zeros'),
    fanIn: channels,
    fanOut: channels,
  };
}
