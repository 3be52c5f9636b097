/** Weights for networks that are compared with other programs'. */
import type { Network } from '../../src/nn/network.ts';
import type { Tensor } from '../../src/nn/parameters.ts';
import { size } from '../../src/nn/shape.ts';

/** Numbers from −1 to 1 that look like any, the same each time. */
export function numbersLike(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const wave = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return 2 * (wave - Math.floor(wave)) - 1;
  });
}

/** All weights of a network: small ones where many are added up, variances and scales around 1. */
export function randomWeights(network: Network): Map<string, Tensor> {
  return new Map(
    network.weights.map(({ name, shape, fanIn }, i) => {
      const isScale = /gamma|variance/.test(name);
      const spread = shape.length > 1 ? Math.sqrt(3 / fanIn) : 0.3;
      const data = numbersLike(size(shape), i).map((value) => value * spread + Number(isScale));
      return [name, { shape, data }];
    }),
  );
}
