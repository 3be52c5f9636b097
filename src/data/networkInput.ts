import type { RgbaImage } from '../formats/rgbaImage.ts';
import { fitPicture, type FitOptions, type Size } from './fitPicture.ts';
import { grey } from './grey.ts';
import { overWhite } from './overWhite.ts';

/** What a network takes: colour, or with one channel grey. */
export interface InputSize extends Size {
  readonly channels: 1 | 3;
}

/**
 * A picture of any size as a network's input (see `fitPicture`). For one channel it is made grey first, so that the result is that of resizing
 * the grey picture.
 *
 * @returns 0…255, [size.height, size.width, size.channels]
 */
export function networkInput(
  image: RgbaImage,
  size: InputSize,
  options: FitOptions = {},
): Uint8Array<ArrayBuffer> {
  if (size.channels === 3) return fitPicture(image, size, options);
  const rgb = fitPicture(greyImage(image), size, options);
  // The three are equal.
  return Uint8Array.from({ length: rgb.length / 3 }, (_, pixel) => rgb[pixel * 3]!);
}

/** Opaque: what was transparent is laid over white. */
function greyImage({ width, height, data }: RgbaImage): RgbaImage {
  const rgba = new Uint8Array(data.length);
  grey(overWhite(data)).forEach((luma, pixel) => {
    rgba.fill(luma, pixel * 4, pixel * 4 + 3);
    rgba[pixel * 4 + 3] = 255;
  });
  return { width, height, data: rgba };
}
