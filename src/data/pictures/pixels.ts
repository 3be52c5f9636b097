/** From the bytes of a picture to the pixels that a network takes. */
import { decodePng, type RgbaImage } from '../../formats/png.ts';
import { overWhite } from '../overWhite.ts';
import { resizeArea } from '../resize.ts';

/**
 * How a picture that has not the shape of the network's images is brought to it: stretched; cut to its middle part; or whole, with
 * black bars beside it.
 */
export type ImageFit = 'stretch' | 'crop' | 'fit';

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

export interface Geometry extends ImageSize {
  readonly fit: ImageFit;
}

/** To be changed whenever the same files would give other pixels: those that are kept on disk are then of no use. */
export const DECODER_VERSION = 1;

/** The one place where pictures are decoded. @throws FormatError if it is no picture, or a damaged one */
export function decodePicture(bytes: Uint8Array, name: string): Promise<RgbaImage> {
  return Promise.resolve(decodePng(bytes, name));
}

/**
 * A picture at the size of a network's input: transparent pixels over white, then brought to the shape, then averaged by area.
 * @returns red, green, blue, 0…255, [height, width, 3]
 */
export function toPixels(image: RgbaImage, { width, height, fit }: Geometry): Uint8Array<ArrayBuffer> {
  if (fit === 'crop') {
    const { data, ...part } = middleOf(image, { width, height });
    return resizeArea(overWhite(data), part.width, part.height, 3, width, height);
  }
  const rgb = overWhite(image.data);
  if (fit === 'stretch') return resizeArea(rgb, image.width, image.height, 3, width, height);
  const inner = largestWithin({ width, height }, image);
  const pixels = resizeArea(rgb, image.width, image.height, 3, inner.width, inner.height);
  return inBars(pixels, inner, { width, height });
}

/** The middle of an image, with as much of it as the proportions of `shape` allow. */
function middleOf({ width, height, data }: RgbaImage, shape: ImageSize): RgbaImage {
  const part = largestWithin({ width, height }, shape);
  if (part.width === width && part.height === height) return { width, height, data };
  const [left, top] = [Math.floor((width - part.width) / 2), Math.floor((height - part.height) / 2)];
  const cut = new Uint8Array(part.width * part.height * 4);
  for (let y = 0; y < part.height; y++) {
    const begin = ((top + y) * width + left) * 4;
    cut.set(data.subarray(begin, begin + part.width * 4), y * part.width * 4);
  }
  return { ...part, data: cut };
}

/** The largest size of the proportions of `shape` within another, in whole pixels. */
function largestWithin(bounds: ImageSize, shape: ImageSize): ImageSize {
  const wide = bounds.width * shape.height > shape.width * bounds.height;
  const scaled = (length: number, to: number, from: number): number =>
    Math.max(1, Math.floor((length * to) / from + 0.5));
  return wide
    ? { width: scaled(bounds.height, shape.width, shape.height), height: bounds.height }
    : { width: bounds.width, height: scaled(bounds.width, shape.height, shape.width) };
}

/** An image in the middle of a black one. */
function inBars(pixels: Uint8Array, inner: ImageSize, outer: ImageSize): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(outer.width * outer.height * 3);
  const left = Math.floor((outer.width - inner.width) / 2);
  const top = Math.floor((outer.height - inner.height) / 2);
  for (let y = 0; y < inner.height; y++) {
    const row = pixels.subarray(y * inner.width * 3, (y + 1) * inner.width * 3);
    result.set(row, ((top + y) * outer.width + left) * 3);
  }
  return result;
}
