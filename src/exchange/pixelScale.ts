/** What range of numbers a network of another program takes its images in, as its first layers tell. */
import type { Spec } from '../nn/layers/definition.ts';
import type { NormalizationData } from '../nn/layers/normalization.ts';
import type { RescalingData } from '../nn/layers/rescaling.ts';
import type { PixelScale } from '../nn/pixelScale.ts';
import { IMAGES } from '../nn/symbolic.ts';

/** A network for 0…1 has no reason to make its images a tenth of that, or to take away ten. */
const LIMIT = 10;

/**
 * 255 if the images go first into a rescaling or a normalization that brings 0…255 near 0…1, as those of Keras' own networks do; else
 * undefined.
 */
export function pixelScaleOf(layers: readonly Spec[]): PixelScale | undefined {
  const takers = layers.filter(({ inputs }, i) => (inputs ? inputs.includes(IMAGES) : i === 0));
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
