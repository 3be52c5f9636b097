/** Probabilities of what gives logits, as networks do whose loss has the softmax. */
import { softmax } from '../nn/layers/softmax.ts';
import { IMAGES } from '../nn/symbolic.ts';
import type { LayerSpec } from '../nn/spec.ts';

/** The same layers with a softmax behind the last one, which is the network's output. */
export function withSoftmax(layers: readonly LayerSpec[]): LayerSpec[] {
  const names = new Set(layers.map(({ name }) => name));
  let name = 'softmax';
  for (let i = 1; names.has(name) || name === IMAGES; i++) name = `softmax_${i}`;
  return [...layers, softmax({ name })];
}
