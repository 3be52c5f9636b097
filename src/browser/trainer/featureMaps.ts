/** What a network's layers make of one image. */
import type { Network } from '../../nn/network.ts';
import type { LayerSpec } from '../../nn/spec.ts';
import { sequential } from '../../training/factories.ts';
import type { Model } from '../../training/model.ts';
import type { FeatureMap } from '../protocol.ts';

/** Above this many, one would not look at each any more. */
const MOST_CHANNELS = 64;

/** And not at more layers than this. */
const MOST_LAYERS = 16;

/**
 * The output of layers that give images, as grey pictures: each channel from its least to its largest value.
 * @param image  bytes, [height, width, channels]
 */
export async function featureMaps(model: Model, image: Uint8Array): Promise<FeatureMap[]> {
  const { network } = model;
  const weights = model.getWeights();
  const maps: FeatureMap[] = [];
  for (const i of layersToShow(network)) {
    const { name, outputShape } = network.layers[i]!;
    const specs = partUpTo(network, i);
    const names = new Set(specs.map((spec) => spec.name));
    // The network up to this layer is a network of its own.
    const part = sequential(specs, { threads: 1, pixelScale: network.pixelScale });
    part.setWeights(
      new Map([...weights].filter(([weight]) => names.has(weight.slice(0, weight.lastIndexOf('/'))))),
    );
    try {
      const { data } = await part.predict(image);
      maps.push({ layer: name, ...channelsAsGrey(data, outputShape as [number, number, number]) });
    } finally {
      await part.dispose();
    }
  }
  return maps;
}

/**
 * Which layers to look at: all that give images. Where these are too many, those behind which something changes: whose output
 * several layers take, or which another size or number of channels follows; and if these are too many as well, some of them,
 * evenly from the first to the last.
 */
export function layersToShow({ layers, inputs }: Network): number[] {
  const images = layers.flatMap(({ outputShape }, i) => (outputShape.length === 3 ? [i] : []));
  if (images.length <= MOST_LAYERS) return images;
  const shapeAt = (i: number | undefined): string => (i === undefined ? '' : layers[i]!.outputShape.join());
  const taken = inputs.flat();
  const turns = images.filter((i, k) => {
    const consumers = taken.filter((name) => name === layers[i]!.name).length;
    return consumers > 1 || shapeAt(images[k + 1]) !== shapeAt(i);
  });
  if (turns.length <= MOST_LAYERS) return turns;
  return Array.from(
    { length: MOST_LAYERS },
    (_, k) => turns[Math.round((k * (turns.length - 1)) / (MOST_LAYERS - 1))]!,
  );
}

/** The layers that lead to a layer, and that one. */
export function partUpTo({ specs, inputs, layers, inputShape }: Network, last: number): LayerSpec[] {
  const needed = new Set([layers[last]!.name]);
  const part: LayerSpec[] = [];
  for (let i = last; i >= 0; i--) {
    if (!needed.has(layers[i]!.name)) continue;
    for (const input of inputs[i]!) needed.add(input);
    part.unshift({ ...specs[i]!, inputs: inputs[i]! });
  }
  return part.map((spec, i) => (i === 0 ? { ...spec, inputShape } : spec));
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
