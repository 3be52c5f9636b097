/** Layers that move values about. */
import type { Cropping2dData } from '../../../nn/layers/cropping2d.ts';
import type { FlattenData } from '../../../nn/layers/flatten.ts';
import type { ReshapeData } from '../../../nn/layers/reshape.ts';
import type { UpSampling2dData } from '../../../nn/layers/upSampling2d.ts';
import type { ZeroPadding2dData } from '../../../nn/layers/zeroPadding2d.ts';
import { marginsOf, type Shape } from '../../../nn/shape.ts';
import { padStep, tupleText } from './python.ts';
import type { TorchLayer } from './torchLayer.ts';

export const flatten: TorchLayer<FlattenData> = {
  order: 'flattens',
  steps: (_, { inputShapes: [input], plain }) => {
    if (input!.length === 1) return [];
    return [(x) => (plain ? `${channelsLast(x, input!)}.flatten(1)` : `torch.flatten(${x}, 1)`)];
  },
};

export const reshape: TorchLayer<ReshapeData> = {
  order: 'plain',
  steps: (_, { inputShapes: [input], outputShape }) => [
    (x) =>
      channelsFirst(`${channelsLast(x, input!)}.reshape(${['-1', ...outputShape].join(', ')})`, outputShape),
  ],
};

export const cropping2d: TorchLayer<Cropping2dData> = {
  order: 'plain',
  steps: ({ cropping: [[top], [left]] }, { outputShape: [height, width] }) => [
    (x) => `${x}[:, :, ${top}:${top + height!}, ${left}:${left + width!}]`,
  ],
};

export const zeroPadding2d: TorchLayer<ZeroPadding2dData> = {
  order: 'plain',
  steps: ({ padding }) => [padStep(marginsOf(padding))],
};

export const upSampling2d: TorchLayer<UpSampling2dData> = {
  order: 'plain',
  steps: ({ size }) => [(x) => `F.interpolate(${x}, scale_factor=${tupleText(size)})`],
};

function channelsLast(x: string, shape: Shape): string {
  return shape.length === 1 ? x : `${x}.permute(${shape.length === 3 ? '0, 2, 3, 1' : '0, 2, 1'})`;
}

function channelsFirst(x: string, shape: Shape): string {
  return shape.length === 1 ? x : `${x}.permute(${shape.length === 3 ? '0, 3, 1, 2' : '0, 2, 1'})`;
}
