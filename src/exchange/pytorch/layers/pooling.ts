/** Poolings. What is padded never counts. */
import type { AveragePooling2dData } from '../../../nn/layers/averagePooling2d.ts';
import type { GlobalAveragePooling2dData } from '../../../nn/layers/globalAveragePooling2d.ts';
import type { GlobalMaxPooling2dData } from '../../../nn/layers/globalMaxPooling2d.ts';
import type { MaxPooling2dData } from '../../../nn/layers/maxPooling2d.ts';
import { hasMargins, type Margins, type Pair } from '../../../nn/shape.ts';
import { callText, isSymmetric, named, padStep, sizeText, tupleText } from './python.ts';
import type { Step, TorchLayer } from './torchLayer.ts';
import { paddingOf } from './windows.ts';

export const maxPooling2d: TorchLayer<MaxPooling2dData> = {
  order: 'plain',
  steps: (spec, place) => {
    const margins = paddingOf({ ...spec, kernelSize: spec.poolSize }, place);
    const inside = poolsWith(margins, spec.poolSize);
    const pool: Step = (x) =>
      callText('F.max_pool2d', [x, ...windowTexts(spec, inside ? margins : undefined)]);
    return inside ? [pool] : [padStep(margins, 'float("-inf")'), pool];
  },
};

/** For padding that is not alike on opposite sides, which PyTorch's own pooling does not have. */
const AVERAGE_POOL = `def average_pool(x, size, stride, padding):
    """The mean of the pixels of each window; the padding is [left, right, top, bottom]."""
    means = F.avg_pool2d(F.pad(x, padding), size, stride)
    shares = F.avg_pool2d(F.pad(torch.ones_like(x[:1, :1]), padding), size, stride)
    return means / shares`;

export const averagePooling2d: TorchLayer<AveragePooling2dData> = {
  order: 'plain',
  steps: (spec, place, writer) => {
    const margins = paddingOf({ ...spec, kernelSize: spec.poolSize }, place);
    const windows = windowTexts(spec, margins);
    if (!hasMargins(margins)) return [(x) => callText('F.avg_pool2d', [x, ...windows])];
    if (poolsWith(margins, spec.poolSize)) {
      return [(x) => callText('F.avg_pool2d', [x, ...windows, 'count_include_pad=False'])];
    }
    writer.helper(AVERAGE_POOL);
    const { left, right, top, bottom } = margins;
    const settings = [sizeText(spec.poolSize), sizeText(spec.strides), tupleText([left, right, top, bottom])];
    return [(x) => callText('average_pool', [x, ...settings])];
  },
};

export const globalAveragePooling2d: TorchLayer<GlobalAveragePooling2dData> = {
  order: 'plain',
  steps: ({ keepdims }) => [(x) => `${x}.mean((2, 3)${keepdims ? ', keepdim=True' : ''})`],
};

export const globalMaxPooling2d: TorchLayer<GlobalMaxPooling2dData> = {
  order: 'plain',
  steps: ({ keepdims }) => [(x) => `${x}.amax((2, 3)${keepdims ? ', keepdim=True' : ''})`],
};

type Window = Pick<MaxPooling2dData, 'poolSize' | 'strides'>;

/** Whether PyTorch's pooling can pad so by itself: alike on opposite sides, and by half a window at most. */
function poolsWith(margins: Margins, [height, width]: Pair): boolean {
  return isSymmetric(margins) && 2 * margins.top <= height && 2 * margins.left <= width;
}

function windowTexts(
  { poolSize, strides }: Window,
  margins: Margins | undefined,
): readonly (string | undefined)[] {
  return [
    sizeText(poolSize),
    named('stride', strides.join() === poolSize.join() ? undefined : sizeText(strides)),
    named('padding', margins && hasMargins(margins) ? sizeText([margins.top, margins.left]) : undefined),
  ];
}
