/** Layers of several inputs. */
import type { ConcatenateData } from '../../../nn/layers/concatenate.ts';
import type { AddData, MultiplyData, SubtractData } from '../../../nn/layers/merge.ts';
import { tupleText } from './python.ts';
import type { TorchLayer } from './torchLayer.ts';

export const add: TorchLayer<AddData> = merging('+');
export const subtract: TorchLayer<SubtractData> = merging('-');
export const multiply: TorchLayer<MultiplyData> = merging('*');

/** Shapes are aligned at the channels: PyTorch, which has them first, needs axes behind those of the shorter ones. */
function merging(operator: string): TorchLayer {
  return {
    order: 'merges',
    steps: (_, { inputShapes, outputShape }) => [
      (...inputs) =>
        inputs
          .map((input, i) => {
            const missing = outputShape.length - inputShapes[i]!.length;
            return missing === 0 ? input : `${input}[:, :${', None'.repeat(missing)}]`;
          })
          .join(` ${operator} `),
    ],
  };
}

export const concatenate: TorchLayer<ConcatenateData> = {
  order: 'joins',
  steps: ({ axis }, { outputShape: { length: rank } }) => {
    const along = axis < 0 ? axis + rank : axis - 1;
    const dim = along === rank - 1 ? 1 : along + 2;
    return [(...inputs) => `torch.cat(${tupleText(inputs)}, dim=${dim})`];
  },
};
