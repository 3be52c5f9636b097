/** What a network's layers make of one image. */
import { sequential } from '../../training/factories.ts';
import type { Model } from '../../training/model.ts';
import type { FeatureMap } from '../protocol.ts';

/** Above this many, one would not look at each any more. */
const MOST_CHANNELS = 64;

/**
 * The output of each layer that gives images, as grey pictures: each channel from its least to its largest value.
 * @param image  bytes, [height, width, channels]
 */
export async function featureMaps(model: Model, image: Uint8Array): Promise<FeatureMap[]> {
  const { specs, layers } = model.network;
  const weights = model.getWeights();
  const maps: FeatureMap[] = [];
  for (const [i, { name, outputShape }] of layers.entries()) {
    if (outputShape.length !== 3) break;
    const names = new Set(
      layers
        .slice(0, i + 1)
        .flatMap((layer) => layer.weights.map((weight) => `${layer.name}/${weight.name}`)),
    );
    // The network up to this layer is a network of its own.
    const part = sequential(specs.slice(0, i + 1), { threads: 1 });
    part.setWeights(new Map([...weights].filter(([weight]) => names.has(weight))));
    try {
      const { data } = await part.predict(image);
      maps.push({ layer: name, ...channelsAsGrey(data, outputShape as [number, number, number]) });
    } finally {
      await part.dispose();
    }
  }
  return maps;
}

/** @param values  [height, width, channels] @returns  [channels, height, width], each stretched to 0…255 */
export function channelsAsGrey(
  values: Float32Array,
  [height, width, channels]: readonly [number, number, number],
): Omit<FeatureMap, 'layer'> {
  const count = Math.min(channels, MOST_CHANNELS);
  const pixels = new Uint8Array(count * height * width);
  for (let channel = 0; channel < count; channel++) {
    let [least, most] = [Infinity, -Infinity];
    for (let i = channel; i < values.length; i += channels) {
      least = Math.min(least, values[i]!);
      most = Math.max(most, values[i]!);
    }
    const scale = most > least ? 255 / (most - least) : 0;
    for (let i = 0; i < height * width; i++) {
      pixels[channel * height * width + i] = Math.round((values[i * channels + channel]! - least) * scale);
    }
  }
  return { height, width, count, channels, pixels };
}
