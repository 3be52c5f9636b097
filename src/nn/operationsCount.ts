/** How much arithmetic a network is by the textbook, whatever algorithms compute it. */
import type { Network } from './network.ts';

/** Operations for one image; a multiply-add counts as two. */
export interface Operations {
  /** Of the forward pass: what inference takes. */
  readonly forward: number;
  /** Of a whole training step. */
  readonly training: number;
}

/**
 * Counts the multiply-adds of products and convolutions; all else is little beside them. Backward, each takes as many for the
 * gradient of its filter, if that is trained, and as many for the gradient of its input, if there is anything trained in
 * front of it: the first layers hand none back to the images.
 */
export function operationsOf({ layers, inputs, weights }: Network): Operations {
  const trained = new Set(weights.filter((each) => each.trained).map(({ name }) => name.split('/')[0]!));
  /** Layers that something trained stands in front of, or that are trained themselves. */
  const differentiated = new Set<string>();
  let [forward, training] = [0, 0];
  layers.forEach(({ name, multiplyAdds = 0 }, i) => {
    const handsBack = inputs[i]!.some((input) => differentiated.has(input));
    if (handsBack || trained.has(name)) differentiated.add(name);
    forward += 2 * multiplyAdds;
    training += 2 * multiplyAdds * (1 + (trained.has(name) ? 1 : 0) + (handsBack ? 1 : 0));
  });
  return { forward, training };
}
