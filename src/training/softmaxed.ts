/** Probabilities of what gives logits, as networks do whose loss has the softmax. */
import { FreeNames } from '../nn/freeNames.ts';
import { softmax } from '../nn/layers/softmax.ts';
import type { LayerSpec } from '../nn/spec.ts';

/** The same layers with a softmax behind the last one, which is the network's output. */
export function withSoftmax(layers: readonly LayerSpec[]): LayerSpec[] {
  const names = new FreeNames(layers.flatMap(({ name }) => name ?? []));
  return [...layers, softmax({ name: names.claim('softmax') })];
}

/** The same layers without a sigmoid at their end, which would leave a softmax next to nothing to tell apart by. */
export function ofLogits(layers: readonly LayerSpec[]): LayerSpec[] {
  const last = layers.at(-1)!;
  if (!('activation' in last) || last.activation !== 'sigmoid') return [...layers];
  if (last.type === 'activation' && layers.length > 1) return layers.slice(0, -1);
  return [...layers.slice(0, -1), Object.assign({}, last, { activation: 'linear' })];
}

/** Whether the last layer ends in an activation, so that it gives no logits. */
export function endsInActivation(layers: readonly LayerSpec[]): boolean {
  const last = layers.at(-1)!;
  return 'activation' in last && last.activation !== 'linear';
}
