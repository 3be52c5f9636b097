/** Layers that do something in training only. */
import type { DropoutData, SpatialDropout2dData } from '../../../nn/layers/dropout.ts';
import { callText, numeral } from './python.ts';
import type { TorchLayer } from './torchLayer.ts';

export const dropout: TorchLayer<DropoutData> = dropping('nn.Dropout');
export const spatialDropout2d: TorchLayer<SpatialDropout2dData> = dropping('nn.Dropout2d');

function dropping(module: string): TorchLayer<DropoutData | SpatialDropout2dData> {
  return {
    order: 'keeps',
    steps: ({ rate }, _, writer) => {
      const drop = writer.module(callText(module, [numeral(rate)]));
      return [(x) => `${drop}(${x})`];
    },
  };
}

/** What changes images at random: in PyTorch that is done to the data, by torchvision's transforms. */
export const augmentation: TorchLayer = { order: 'keeps', steps: () => [], leftOut: true };
