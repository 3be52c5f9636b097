/** Values for networks that are handed over: weights of which none is as at the beginning, and images. */
import type { Network } from '../../src/nn/network.ts';
import type { Tensor } from '../../src/nn/parameters.ts';
import { randomStream } from '../../src/random.ts';

/** The weights with noise on top: biases that are zero would not show that they are mixed up. */
export function scattered(weights: ReadonlyMap<string, Tensor>, seed = 1): Map<string, Tensor> {
  return new Map(
    [...weights].map(([name, { shape, data }]) => {
      const random = randomStream(seed, name);
      return [name, { shape, data: data.map((value) => value + 0.1 * random.uniform()) }];
    }),
  );
}

export function imagesFor(
  { inputShape }: Pick<Network, 'inputShape'>,
  count: number,
  seed = 2,
): Float32Array {
  const random = randomStream(seed, 'images');
  const [height, width, channels] = inputShape;
  return Float32Array.from({ length: count * height * width * channels }, () => random.uniform());
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`${a.length} values are not ${b.length}`);
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

/** Whether the same names have values with the same bits, in the same shapes. */
export function haveSameBits(a: ReadonlyMap<string, Tensor>, b: ReadonlyMap<string, Tensor>): boolean {
  const bytes = ({ data }: Tensor): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return (
    a.size === b.size &&
    [...a].every(([name, tensor]) => {
      const other = b.get(name);
      return other?.shape.join() === tensor.shape.join() && bytes(tensor).equals(bytes(other));
    })
  );
}
