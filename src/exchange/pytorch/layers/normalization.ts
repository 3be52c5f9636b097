/** Batch normalization, and what is normalized or scaled by numbers that are known. */
import type { BatchNormalizationData } from '../../../nn/layers/batchNormalization.ts';
import type { NormalizationData } from '../../../nn/layers/normalization.ts';
import type { PerChannel } from '../../../nn/layers/perChannel.ts';
import type { RescalingData } from '../../../nn/layers/rescaling.ts';
import { callText, named, numeral } from './python.ts';
import type { Place, TorchLayer, Writer } from './torchLayer.ts';
import { perValue } from './weights.ts';

export const batchNormalization: TorchLayer<BatchNormalizationData> = {
  order: 'keeps',
  modules: ({ scale, center }, { inputShapes: [input], inputOrders: [rows] }) => {
    const channels = input!.at(-1)!;
    const of = (name: string, weight: string | number) => perValue(name, weight, channels, rows);
    // PyTorch has both, or neither.
    const affine = scale || center;
    return [
      {
        kind: 'normalization',
        parameters: [
          ...(affine ? [of('weight', scale ? 'gamma' : 1), of('bias', center ? 'beta' : 0)] : []),
          of('running_mean', 'moving_mean'),
          of('running_var', 'moving_variance'),
        ],
      },
    ];
  },
  steps: ({ epsilon, momentum, scale, center }, { inputShapes: [input] }, writer) => {
    const module = writer.module(
      callText(input!.length === 3 ? 'nn.BatchNorm2d' : 'nn.BatchNorm1d', [
        input!.at(-1),
        named('eps', epsilon === 1e-5 ? undefined : numeral(epsilon)),
        // The share of what is new, where here it is that of what was.
        named('momentum', momentum === 0.9 ? undefined : numeral(Number((1 - momentum).toPrecision(12)))),
        named('affine', scale || center ? undefined : 'False'),
      ]),
    );
    return [(x) => `${module}(${x})`];
  },
};

export const rescaling: TorchLayer<RescalingData> = {
  order: 'keeps',
  suffixes: ['scale', 'offset'],
  steps: ({ scale, offset }, place, writer) => {
    const factor = perChannelText(scale, 'scale', place, writer);
    const isNothing = [offset].flat().every((each) => each === 0);
    if (isNothing) return [(x) => `${x} * ${factor}`];
    const added = perChannelText(offset, 'offset', place, writer);
    return [(x) => plus(`${x} * ${factor}`, added)];
  },
};

/** The least that deviations are taken for, as in Keras. */
const EPSILON = 1e-7;

export const normalization: TorchLayer<NormalizationData> = {
  order: 'keeps',
  suffixes: ['mean', 'deviation'],
  steps: ({ mean, variance, invert }, place, writer) => {
    const deviationOf = (each: number): number => Math.max(Math.sqrt(each), EPSILON);
    const deviation = typeof variance === 'number' ? deviationOf(variance) : variance.map(deviationOf);
    const shift = perChannelText(mean, 'mean', place, writer);
    const scale = perChannelText(deviation, 'deviation', place, writer);
    return [(x) => (invert ? plus(`${x} * ${scale}`, shift) : `(${minus(x, shift)}) / ${scale}`)];
  },
};

/** A number, or a tensor of one for each channel in PyTorch's order. */
function perChannelText(values: PerChannel, what: string, place: Place, writer: Writer): string {
  const list = typeof values === 'number' ? [values] : values;
  if (list.length === 1) return numeral(list[0]!);
  const [order] = place.inputOrders;
  const ordered = order ? Array.from(order, (index) => list[index]!) : list;
  return writer.constant(ordered, place.inputShapes[0]!.length, what);
}

/** A sum, without two signs in a row. */
function plus(x: string, added: string): string {
  return added.startsWith('-') ? `${x} - ${added.slice(1)}` : `${x} + ${added}`;
}

function minus(x: string, taken: string): string {
  return taken.startsWith('-') ? `${x} + ${taken.slice(1)}` : `${x} - ${taken}`;
}
