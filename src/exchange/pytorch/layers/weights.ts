/** The parameters of PyTorch's modules. */
import type { Shape } from '../../../nn/shape.ts';
import type { Order } from '../order.ts';
import type { TorchParameter } from './torchLayer.ts';

/** A parameter for each channel, or for each value of a vector. @param weight  the layer's, or what its values are */
export function perValue(
  name: string,
  weight: string | number,
  length: number,
  rows?: Order,
): TorchParameter {
  return { name, weight, shape: [length], view: [length], axes: [0], rows };
}

/** The kernel [height, width, inputs, filters] of a convolution; in PyTorch [filters, inputs, height, width]. */
export function convolutionKernel(weight: string, view: Shape): TorchParameter {
  const axes = [3, 2, 0, 1];
  return { name: 'weight', weight, shape: axes.map((axis) => view[axis]!), view, axes };
}

/** The kernel [height, width, channels, multiplier] of a depthwise one; in PyTorch [channels · multiplier, 1, height, width]. */
export function depthwiseKernel(weight: string, view: Shape): TorchParameter {
  const [height, width, channels, multiplier] = view as [number, number, number, number];
  return {
    name: 'weight',
    weight,
    shape: [channels * multiplier, 1, height, width],
    view,
    axes: [2, 3, 0, 1],
  };
}

/** The kernel [inputs, units] of a dense layer; in PyTorch [units, inputs]. @param rows  the order of its inputs there */
export function linearKernel(weight: string, inputs: number, units: number, rows?: Order): TorchParameter {
  return { name: 'weight', weight, shape: [units, inputs], view: [inputs, units], axes: [1, 0], rows };
}
