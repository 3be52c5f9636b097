import { toTorch } from '../../src/exchange/pytorch/permutation.ts';
import type { Tensor } from '../../src/nn/parameters.ts';

/** A batch of images, of rows or of vectors with the channels in front. */
export function channelsFirst({ shape, data }: Tensor): Tensor {
  const axes = [0, shape.length - 1, ...shape.slice(1, -1).map((_, i) => i + 1)].slice(0, shape.length);
  return { shape: axes.map((axis) => shape[axis]!), data: toTorch(data, { view: shape, axes }) };
}
