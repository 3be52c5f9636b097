/** Filters that make what they see of images uncorrelated, and equally strong in every direction. */
import type { ChannelMoments } from '../nn/layers/normalization.ts';
import type { Tensor } from '../nn/parameters.ts';
import { symmetricEigen } from './symmetricEigen.ts';

/** Added to the eigenvalues, so that directions in which there is next to nothing are not blown up. */
const EPSILON = 5e-4;

export interface WhitenedImages {
  /** [count, height, width, channels] */
  readonly images: Uint8Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly count: number;
}

/**
 * The eigenvectors of the second moments of all patches, largest eigenvalue λ first, each divided by √(λ + 5e-4); then the same
 * negated (Jordan 2024, after Page 2018).
 * @param moments  what images, from 0 to 1, are normalized by before the patches are taken
 * @returns a kernel [size, size, channels, 2 · size² · channels]
 */
export function whiteningKernel(set: WhitenedImages, moments: ChannelMoments, size: number): Tensor {
  const { channels } = set;
  const values = size * size * channels;
  const pairs = symmetricEigen(secondMoments(set, moments, size), values);
  const filters = 2 * values;
  const data = new Float32Array(values * filters);
  pairs.forEach(({ value, vector }, i) => {
    const scale = 1 / Math.sqrt(value + EPSILON);
    vector.forEach((component, j) => {
      data[j * filters + i] = component * scale;
      data[j * filters + values + i] = -component * scale;
    });
  });
  return { shape: [size, size, channels, filters], data };
}

/** Means of the products of each two values of a patch, [n, n]. */
function secondMoments(set: WhitenedImages, moments: ChannelMoments, size: number): number[] {
  const { images, count, height, width, channels } = set;
  const n = size * size * channels;
  const sums = new Float64Array(n * n);
  const tables = normalizedBytes(moments, channels);
  const patch = new Float64Array(n);
  for (let image = 0; image < count; image++) {
    const partial = new Float64Array(n * n);
    for (let y = 0; y + size <= height; y++) {
      for (let x = 0; x + size <= width; x++) {
        for (let i = 0; i < n; i++) {
          const [row, column, channel] = [
            Math.floor(i / (size * channels)),
            Math.floor(i / channels) % size,
            i % channels,
          ];
          const at = ((image * height + y + row) * width + x + column) * channels + channel;
          patch[i] = tables[channel]![images[at]!]!;
        }
        for (let i = 0; i < n; i++) for (let j = i; j < n; j++) partial[i * n + j]! += patch[i]! * patch[j]!;
      }
    }
    for (let i = 0; i < sums.length; i++) sums[i]! += partial[i]!;
  }
  const patches = count * (height - size + 1) * (width - size + 1);
  return Array.from(sums, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return sums[Math.min(i, j) * n + Math.max(i, j)]! / patches;
  });
}

/** What each byte becomes in each channel. */
function normalizedBytes({ mean, variance }: ChannelMoments, channels: number): Float64Array[] {
  return Array.from({ length: channels }, (_, channel) =>
    Float64Array.from(
      { length: 256 },
      (_, byte) => (byte / 255 - mean[channel]!) / Math.sqrt(variance[channel]!),
    ),
  );
}
