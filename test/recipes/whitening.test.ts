import { expect, it } from 'vitest';
import { randomStream } from '../../src/random.ts';
import { whiteningKernel, type WhitenedImages } from '../../src/recipes/whitening.ts';

const SIZE = 2;
const moments = { mean: [0.5, 0.4, 0.3], variance: [0.04, 0.09, 0.16] };

/** Images whose neighbours have much in common. */
function images(): WhitenedImages {
  const [count, height, width, channels] = [20, 6, 5, 3];
  const stream = randomStream(7, 'images');
  const data = Uint8Array.from({ length: count * height * width * channels }, () => 0);
  for (let i = 0; i < data.length; i++) {
    const before = i < channels ? 128 : data[i - channels]!;
    data[i] = Math.min(255, Math.max(0, before + 80 * (stream.uniform() - 0.5)));
  }
  return { images: data, count, height, width, channels };
}

/** All patches, as the kernel sees them. */
function patches({ images: bytes, count, height, width, channels }: WhitenedImages): number[][] {
  const found: number[][] = [];
  for (let image = 0; image < count; image++) {
    for (let y = 0; y + SIZE <= height; y++) {
      for (let x = 0; x + SIZE <= width; x++) {
        const patch: number[] = [];
        for (let row = y; row < y + SIZE; row++) {
          for (let column = x; column < x + SIZE; column++) {
            for (let c = 0; c < channels; c++) {
              const byte = bytes[((image * height + row) * width + column) * channels + c]!;
              patch.push((byte / 255 - moments.mean[c]!) / Math.sqrt(moments.variance[c]!));
            }
          }
        }
        found.push(patch);
      }
    }
  }
  return found;
}

it('makes what is seen uncorrelated, each direction as strong as its eigenvalue and ε say', () => {
  const set = images();
  const { shape, data } = whiteningKernel(set, moments, SIZE);
  const values = SIZE * SIZE * set.channels;
  expect(shape).toEqual([SIZE, SIZE, set.channels, 2 * values]);
  const filter = (i: number): number[] => Array.from({ length: values }, (_, j) => data[j * 2 * values + i]!);
  const all = patches(set);
  const seen = Array.from({ length: values }, (_, i) =>
    all.map((patch) => patch.reduce((sum, value, j) => sum + value * filter(i)[j]!, 0)),
  );
  const mean = (a: number[], b: number[]): number =>
    a.reduce((sum, value, k) => sum + value * b[k]!, 0) / a.length;
  for (let i = 0; i < values; i++) {
    // With f = v / √(λ + ε), the second moment of what f sees is λ / (λ + ε), and |f|² = 1 / (λ + ε).
    const strength = filter(i).reduce((sum, value) => sum + value * value, 0);
    expect(mean(seen[i]!, seen[i]!)).toBeCloseTo(1 - 5e-4 * strength, 4);
    for (let j = 0; j < i; j++) expect(mean(seen[i]!, seen[j]!)).toBeCloseTo(0, 4);
    expect(filter(values + i)).toEqual(filter(i).map((value) => -value));
  }
});
