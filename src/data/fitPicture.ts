/** A picture of any size as a network's input. The same integers in every runtime. */
import type { RgbaImage } from '../formats/rgbaImage.ts';
import { overWhite } from './overWhite.ts';
import { resizeArea } from './resize.ts';

/**
 * What is done about another aspect ratio: `stretch` it; `crop` what is too much, equally at both sides; or `fit` the whole picture in, with
 * black at both sides. Keras' default, `crop_to_aspect_ratio` and `pad_to_aspect_ratio`.
 */
export type Fit = 'stretch' | 'crop' | 'fit';

export const FITS: readonly Fit[] = ['stretch', 'crop', 'fit'];

export interface FitOptions {
  readonly fit?: Fit | undefined;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Transparent pixels are laid over white, then the picture is resized to `size` by area averaging.
 *
 * @returns red, green, blue, 0…255, [size.height, size.width, 3]
 */
export function fitPicture(
  image: RgbaImage,
  size: Size,
  { fit = 'stretch' }: FitOptions = {},
): Uint8Array<ArrayBuffer> {
  if (fit === 'fit') {
    const inner = within(image, size);
    return centred(resized(image, inner), inner, size);
  }
  return resized(fit === 'crop' ? cropped(image, within(size, image)) : image, size);
}

/** @returns [height, width, 3] */
function resized(image: RgbaImage, { width, height }: Size): Uint8Array<ArrayBuffer> {
  // Photographs are opaque: their colours are taken from where they are.
  return isOpaque(image.data)
    ? resizeArea(image.data, image.width, image.height, 3, width, height, 4)
    : resizeArea(overWhite(image.data), image.width, image.height, 3, width, height);
}

function isOpaque(rgba: Uint8Array): boolean {
  let alpha = 255;
  for (let i = 3; i < rgba.length; i += 4) alpha &= rgba[i]!;
  return alpha === 255;
}

/** The largest size of the shape of `shape` within `bounds`, rounded down, but at least 1. */
function within(shape: Size, bounds: Size): Size {
  return {
    width: Math.max(1, Math.min(bounds.width, Math.floor((bounds.height * shape.width) / shape.height))),
    height: Math.max(1, Math.min(bounds.height, Math.floor((bounds.width * shape.height) / shape.width))),
  };
}

/** The middle of an image; of an odd rest, more is cut off at the right and at the bottom. */
function cropped({ width, height, data }: RgbaImage, size: Size): RgbaImage {
  if (size.width === width && size.height === height) return { width, height, data };
  const left = (width - size.width) >> 1;
  const top = (height - size.height) >> 1;
  const result = new Uint8Array(size.width * size.height * 4);
  for (let y = 0; y < size.height; y++) {
    const from = ((top + y) * width + left) * 4;
    result.set(data.subarray(from, from + size.width * 4), y * size.width * 4);
  }
  return { ...size, data: result };
}

/** @param rgb  [inner.height, inner.width, 3] @returns [size.height, size.width, 3], black around it */
function centred(rgb: Uint8Array<ArrayBuffer>, inner: Size, size: Size): Uint8Array<ArrayBuffer> {
  const left = (size.width - inner.width) >> 1;
  const top = (size.height - inner.height) >> 1;
  const result = new Uint8Array(size.width * size.height * 3);
  for (let y = 0; y < inner.height; y++) {
    const row = rgb.subarray(y * inner.width * 3, (y + 1) * inner.width * 3);
    result.set(row, ((top + y) * size.width + left) * 3);
  }
  return result;
}
