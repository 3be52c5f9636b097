/** The mean and the deviation of the images, as a layer in front of all others: a model is given it, and then adapted to them. */
import type { LabelledImages } from '../data/dataset.ts';
import { areStored, readStored } from '../data/storedImages.ts';
import { FreeNames } from '../nn/freeNames.ts';
import {
  channelMoments,
  momentsOfCounts,
  normalization,
  type ChannelMoments,
} from '../nn/layers/normalization.ts';
import { assignNames } from '../nn/network.ts';
import type { PixelScale } from '../nn/pixelScale.ts';
import { withSettings, type LayerSpec } from '../nn/spec.ts';
import { IMAGES } from '../nn/symbolic.ts';

/** Images that are read at once. */
const CHUNK = 256;

/** Whether layers normalize by what is known, in front or anywhere. */
export function haveNormalization(layers: readonly LayerSpec[]): boolean {
  return layers.some(({ type }) => type === 'normalization');
}

/** The layers behind a normalization, which is to be adapted to the images: `model.adapt(await momentsOf(train))`. */
export function normalized(layers: readonly LayerSpec[]): LayerSpec[] {
  const names = assignNames(layers);
  const { inputShape } = layers[0]!;
  const name = new FreeNames(names).claim('normalization');
  const first = normalization({ name, inputShape: inputShape!, mean: 0, variance: 1 });
  const behind = layers.map((spec, i) => {
    const inputs = spec.inputs?.map((input) => (input === IMAGES ? name : input));
    return withSettings(spec, { name: names[i]!, inputShape: undefined, inputs });
  });
  return [first, ...behind];
}

/**
 * Of all images, whether they are in memory or read from where they are kept.
 * @param pixelScale  what the largest byte becomes for the network
 */
export async function momentsOf(set: LabelledImages, pixelScale: PixelScale = 1): Promise<ChannelMoments> {
  const { images, count, channels } = set;
  if (!areStored(images)) return channelMoments(images, channels, pixelScale);
  const size = images.length / count;
  const counts = Array.from({ length: channels }, () => new Float64Array(256));
  for (let begin = 0; begin < count; begin += CHUNK) {
    const bytes = await readStored(images, size, begin, Math.min(CHUNK, count - begin));
    bytes.forEach((value, i) => counts[i % channels]![value]!++);
  }
  const each = counts.map((channel) => momentsOfCounts(channel, pixelScale));
  return { mean: each.map(([mean]) => mean), variance: each.map(([, variance]) => variance) };
}
