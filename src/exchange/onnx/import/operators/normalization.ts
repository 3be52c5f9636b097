import { CHANNELS_FIRST, type Site } from '../site.ts';
import type { Feature } from '../value.ts';
import type { Operators } from './operator.ts';

export const normalizations: Operators = {
  BatchNormalization: {
    notes: '`batchNormalization`; in its evaluation mode.',
    read: readBatchNormalization,
  },
};

const WEIGHTS = ['gamma', 'beta', 'moving_mean', 'moving_variance'];

function readBatchNormalization(site: Site): Feature {
  if (site.int('training_mode', 0) !== 0) {
    throw site.refused('it is in training mode: export the model in evaluation mode, after model.eval().');
  }
  const input = site.feature(0);
  const isVector = input.axes.length === 2;
  const { layer, shape } = isVector ? site.arranged(input, [1]) : site.images(input);
  const channels = shape.at(-1)!;
  const weights = WEIGHTS.map((name, i) => {
    const values = site.numbers(i + 1);
    if (values?.length !== channels) {
      throw site.refused(`it has ${values?.length ?? 0} numbers for ${channels} channels.`);
    }
    return [name, { shape: [channels], data: Float32Array.from(values) }] as const;
  });
  const options = { epsilon: site.float('epsilon', 1e-5), momentum: site.float('momentum', 0.9) };
  return site.output(
    site.layer('batchNormalization', [layer], options, Object.fromEntries(weights)),
    isVector ? [1] : CHANNELS_FIRST,
  );
}
