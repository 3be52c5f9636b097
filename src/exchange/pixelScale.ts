/** What range of numbers a network of another program takes its images in: as its file says, or else as its first layers tell. */
import type { Spec } from '../nn/layers/definition.ts';
import type { NormalizationData } from '../nn/layers/normalization.ts';
import type { RescalingData } from '../nn/layers/rescaling.ts';
import { assignNames } from '../nn/network.ts';
import { PIXEL_SCALES, type PixelScale } from '../nn/pixelScale.ts';
import { IMAGES } from '../nn/symbolic.ts';

/** What simdnet left in a file: a number, or the text of it. Undefined if that is none. */
export function storedPixelScale(value: unknown): PixelScale | undefined {
  return PIXEL_SCALES.find((scale) => value === scale || value === String(scale));
}

/** A network for 0…1 has no reason to make its images a tenth of that, or to take away ten. */
const LIMIT = 10;

/** Layers that leave the range of what they take. */
const KEEPS_RANGE =
  /^(random\w+|cutout|mixUp|dropout|spatialDropout2d|reshape|flatten|zeroPadding2d|cropping2d)$/;

/**
 * 255 if the images go first, but for layers that move them about, into rescalings or normalizations that bring 0…255 near 0…1, as those
 * of Keras' own networks do; else undefined.
 */
export function pixelScaleOf(layers: readonly Spec[]): PixelScale | undefined {
  const names = assignNames(layers);
  const images = new Set([IMAGES]);
  const takers = layers.filter((spec, i) => {
    const inputs = spec.inputs ?? [names[i - 1] ?? IMAGES];
    if (!inputs.some((input) => images.has(input))) return false;
    if (!KEEPS_RANGE.test(spec.type)) return true;
    images.add(names[i]!);
    return false;
  });
  return takers.length > 0 && takers.every(shrinks) ? 255 : undefined;
}

function shrinks(spec: Spec): boolean {
  const all = (values: number | readonly number[], test: (value: number) => boolean): boolean =>
    [values].flat().every(test);
  if (spec.type === 'rescaling') {
    return all((spec as RescalingData).scale, (scale) => Math.abs(scale) < 1 / LIMIT);
  }
  if (spec.type !== 'normalization') return false;
  const { mean, variance, invert = false } = spec as NormalizationData;
  return !invert && (all(mean, (each) => each > LIMIT) || all(variance, (each) => each > LIMIT * LIMIT));
}
