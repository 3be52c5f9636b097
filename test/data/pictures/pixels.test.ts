import { describe, expect, it } from 'vitest';
import { toPixels } from '../../../src/data/pictures/pixels.ts';
import type { RgbaImage } from '../../../src/formats/png.ts';

/** Grey pixels of these values, in rows. */
function image(rows: readonly (readonly number[])[]): RgbaImage {
  const data = Uint8Array.from(rows.flat().flatMap((value) => [value, value, value, 255]));
  return { width: rows[0]!.length, height: rows.length, data };
}

/** The red of the pixels, in rows. */
function pixels(of: RgbaImage, width: number, height: number, fit: 'crop' | 'stretch' | 'fit'): number[][] {
  const all = toPixels(of, { width, height, fit });
  expect(all.length).toBe(width * height * 3);
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => all[(y * width + x) * 3]!),
  );
}

const wide = image([
  [10, 20, 30, 40, 50],
  [60, 70, 80, 90, 100],
]);

describe('toPixels', () => {
  it('cuts out the middle', () => {
    expect(pixels(wide, 2, 2, 'crop')).toEqual([
      [20, 30],
      [70, 80],
    ]);
    expect(pixels(wide, 3, 2, 'crop')).toEqual([
      [20, 30, 40],
      [70, 80, 90],
    ]);
    const high = image([[1], [2], [3], [4], [5], [6]]);
    expect(pixels(high, 1, 2, 'crop')).toEqual([[3], [4]]);
  });

  it('stretches', () => {
    expect(pixels(wide, 5, 1, 'stretch')).toEqual([[35, 45, 55, 65, 75]]);
  });

  it('fits with black bars', () => {
    expect(pixels(image([[10, 20, 30, 40]]), 4, 4, 'fit')).toEqual([
      [0, 0, 0, 0],
      [10, 20, 30, 40],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
    expect(pixels(image([[10], [30]]), 2, 2, 'fit')).toEqual([
      [10, 0],
      [30, 0],
    ]);
  });

  it.each(['crop', 'stretch', 'fit'] as const)('leaves an image of the right size as it is: %s', (fit) => {
    expect(pixels(wide, 5, 2, fit)).toEqual([
      [10, 20, 30, 40, 50],
      [60, 70, 80, 90, 100],
    ]);
  });

  it('takes any size, however thin', () => {
    for (const fit of ['crop', 'stretch', 'fit'] as const) {
      pixels(image([Array.from({ length: 500 }, () => 7)]), 3, 64, fit);
      pixels(image(Array.from({ length: 500 }, () => [7])), 64, 1, fit);
    }
  });

  it('lays what is transparent over white', () => {
    const clear: RgbaImage = { width: 1, height: 1, data: Uint8Array.of(0, 0, 0, 0) };
    for (const fit of ['crop', 'stretch', 'fit'] as const) expect(pixels(clear, 1, 1, fit)).toEqual([[255]]);
  });
});
