/** The mean and the deviation of the images, as a layer in front of all others. */
import type { LabelledImages } from '../../data/dataset.ts';
import { areStored, readStored } from '../../data/storedImages.ts';
import { OptionError } from '../../errors.ts';
import {
  channelMoments,
  momentsOfCounts,
  normalization,
  type ChannelMoments,
  type NormalizationData,
} from '../../nn/layers/normalization.ts';
import { assignNames } from '../../nn/network.ts';
import { withSettings, type LayerSpec } from '../../nn/spec.ts';
import { IMAGES } from '../../nn/symbolic.ts';
import type { Model } from '../../training/model.ts';

/** Images that are read at once. */
const CHUNK = 256;

/**
 * The layers behind a normalization, which is to be adapted to the images.
 * @throws OptionError if there is one already
 */
export function normalized(layers: readonly LayerSpec[]): LayerSpec[] {
  const names = assignNames(layers);
  if (layers.some(({ type }) => type === 'normalization'))
    throw new OptionError('--normalize: the network has a normalization of its own: leave one of them out.');
  const { inputShape } = layers[0]!;
  const first = normalization({ name: nameBeside(names), inputShape: inputShape!, mean: 0, variance: 1 });
  const behind = layers.map((spec, i) => {
    const inputs = spec.inputs?.map((input) => (input === IMAGES ? first.name! : input));
    return withSettings(spec, { name: names[i]!, inputShape: undefined, inputs });
  });
  return [first, ...behind];
}

function nameBeside(names: readonly string[]): string {
  let name = 'normalization';
  while (names.includes(name)) name += '_';
  return name;
}

/** Of all images, whether they are in memory or read from where they are kept. */
export async function momentsOf(set: LabelledImages): Promise<ChannelMoments> {
  const { images, count, channels } = set;
  if (!areStored(images)) return channelMoments(images, channels);
  const size = images.length / count;
  const counts = Array.from({ length: channels }, () => new Float64Array(256));
  for (let begin = 0; begin < count; begin += CHUNK) {
    const bytes = await readStored(images, size, begin, Math.min(CHUNK, count - begin));
    bytes.forEach((value, i) => counts[i % channels]![value]!++);
  }
  const each = counts.map((channel) => momentsOfCounts(channel));
  return { mean: each.map(([mean]) => mean), variance: each.map(([, variance]) => variance) };
}

/** What the first layer takes away and divides by, in words. */
export function momentsText({ network }: Model): string | undefined {
  const first = network.specs.find(({ type }) => type === 'normalization') as NormalizationData | undefined;
  if (!first) return undefined;
  const shown = (values: NormalizationData['mean']): string =>
    [values]
      .flat()
      .map((value) => value.toFixed(4))
      .join(', ');
  const deviations = [first.variance].flat().map((variance) => Math.sqrt(variance));
  return `Normalized by the mean ${shown(first.mean)} and the deviation ${shown(deviations)}`;
}
