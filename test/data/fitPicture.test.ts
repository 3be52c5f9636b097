import { describe, expect, it } from 'vitest';
import { fitPicture, FITS } from '../../src/data/fitPicture.ts';
import type { RgbaImage } from '../../src/formats/rgbaImage.ts';

/** Grey pixels with these values. */
function grey(width: number, values: number[]): RgbaImage {
  return {
    width,
    height: values.length / width,
    data: Uint8Array.from(values.flatMap((v) => [v, v, v, 255])),
  };
}

const redOf = (rgb: Uint8Array) => Array.from(rgb).filter((_, i) => i % 3 === 0);

// prettier-ignore
const wide = grey(6, [
  1, 2, 3, 4, 5, 6,
  7, 8, 9, 10, 11, 12,
]);
const tall = grey(2, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);

describe('fitPicture', () => {
  it('stretches, if nothing else is said', () => {
    expect(redOf(fitPicture(wide, { width: 3, height: 2 }))).toEqual([2, 4, 6, 8, 10, 12]);
    expect(fitPicture(wide, { width: 3, height: 2 }, { fit: 'stretch' })).toEqual(
      fitPicture(wide, { width: 3, height: 2 }),
    );
  });

  it('crops equally at both sides', () => {
    expect(redOf(fitPicture(wide, { width: 2, height: 2 }, { fit: 'crop' }))).toEqual([3, 4, 9, 10]);
    expect(redOf(fitPicture(tall, { width: 2, height: 2 }, { fit: 'crop' }))).toEqual([5, 6, 7, 8]);
    // Of an odd rest, more is cut off at the right.
    expect(redOf(fitPicture(wide, { width: 1, height: 2 }, { fit: 'crop' }))).toEqual([3, 9]);
    expect(redOf(fitPicture(wide, { width: 3, height: 2 }, { fit: 'crop' }))).toEqual([2, 3, 4, 8, 9, 10]);
  });

  it('fits in, black around it', () => {
    expect(redOf(fitPicture(wide, { width: 6, height: 5 }, { fit: 'fit' }))).toEqual([
      ...new Array<number>(6).fill(0),
      ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
      ...new Array<number>(12).fill(0),
    ]);
    // prettier-ignore
    expect(redOf(fitPicture(grey(1, [9, 9, 9, 9]), { width: 4, height: 4 }, { fit: 'fit' }))).toEqual([
      0, 9, 0, 0,
      0, 9, 0, 0,
      0, 9, 0, 0,
      0, 9, 0, 0,
    ]);
  });

  it('is the same for all that have the right shape', () => {
    const [all] = FITS.map((fit) => fitPicture(wide, { width: 3, height: 1 }, { fit }));
    expect(redOf(all!)).toEqual([5, 7, 9]);
    for (const fit of FITS) expect(fitPicture(wide, { width: 3, height: 1 }, { fit })).toEqual(all);
  });

  it('lays over white what is transparent, and nothing else', () => {
    const image = grey(2, [10, 20, 30, 40]);
    const size = { width: 2, height: 2 };
    expect(redOf(fitPicture(image, size))).toEqual([10, 20, 30, 40]);
    image.data[15] = 0;
    for (const fit of FITS) expect(redOf(fitPicture(image, size, { fit }))).toEqual([10, 20, 30, 255]);
    image.data[3] = 254;
    expect(redOf(fitPicture(image, size))).toEqual([11, 20, 30, 255]);
  });

  it('leaves a pixel of what is very thin', () => {
    const line = grey(50, new Array<number>(50).fill(7));
    for (const fit of FITS) expect(fitPicture(line, { width: 2, height: 3 }, { fit })).toContain(7);
    expect(redOf(fitPicture(line, { width: 2, height: 3 }, { fit: 'fit' }))).toEqual([0, 0, 7, 7, 0, 0]);
  });
});
