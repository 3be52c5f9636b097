import { extentOf, placesAlong } from '../axes.ts';
import { CHANNELS_FIRST, type Site } from '../site.ts';
import type { Feature } from '../value.ts';
import type { Operators } from './operator.ts';

export const normalizations: Operators = {
  BatchNormalization: {
    notes: '`batchNormalization`; in its evaluation mode. Behind a Flatten as Gemm.',
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
  const { layer, channels, places } = isVector ? vectorsOf(site, input) : imagesOf(site, input);
  const weights = WEIGHTS.map((name, i) => {
    const values = site.numbers(i + 1);
    if (values?.length !== channels) {
      throw site.refused(`it has ${values?.length ?? 0} numbers for ${channels} channels.`);
    }
    const data = new Float32Array(channels);
    values.forEach((value, feature) => (data[places ? places[feature]! : feature] = value));
    return [name, { shape: [channels], data }] as const;
  });
  const options = { epsilon: site.float('epsilon', 1e-5), momentum: site.float('momentum', 0.9) };
  const normalized = site.layer('batchNormalization', [layer], options, Object.fromEntries(weights));
  if (!isVector) return site.output(normalized, CHANNELS_FIRST);
  return { ...input, layer: normalized, origin: undefined };
}

interface Normalized {
  readonly layer: number;
  readonly channels: number;
  /** Where each of ONNX' channels lies in memory, if not where it is counted. */
  readonly places?: Int32Array | undefined;
}

function imagesOf(site: Site, input: Feature): Normalized {
  const { layer, shape } = site.images(input);
  return { layer, channels: shape.at(-1)! };
}

/** Vectors, which may be images in a row. */
function vectorsOf(site: Site, input: Feature): Normalized {
  const channels = extentOf(input, 1);
  if (input.axes[0] !== 'batch' || channels === 'batch') {
    throw site.refused('its first axis must be that of the images in a batch.');
  }
  const layer = site.graph.layers.reshaped(input.layer, [channels], site.where);
  return { layer, channels, places: placesAlong(input, 1) };
}
