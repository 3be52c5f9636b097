/** The filters of a first convolution, as small pictures of what they look for. */
import type { Model } from '../../training/model.ts';
import type { Tiles } from '../protocol.ts';

/**
 * Each filter as a picture with its own contrast: mid-grey is zero, brighter is positive.
 * @returns undefined if its first convolution is not one of colour images
 */
export function firstFilters(model: Model): Tiles | undefined {
  const kernel = [...model.getWeights().values()].find(({ shape }) => shape.length === 4);
  if (kernel?.shape[2] !== 3) return undefined;
  const [height, width, , count] = kernel.shape as [number, number, number, number];
  const pixels = new Uint8ClampedArray(count * height * width * 4);
  for (let filter = 0; filter < count; filter++) {
    let most = 0;
    for (let i = filter; i < kernel.data.length; i += count) most = Math.max(most, Math.abs(kernel.data[i]!));
    for (let pixel = 0; pixel < height * width; pixel++) {
      const at = (filter * height * width + pixel) * 4;
      for (let c = 0; c < 3; c++) {
        const value = kernel.data[(pixel * 3 + c) * count + filter]!;
        pixels[at + c] = 128 + (127 * value) / (most || 1);
      }
      pixels[at + 3] = 255;
    }
  }
  return { height, width, indices: Array.from({ length: count }, (_, i) => i), pixels };
}
