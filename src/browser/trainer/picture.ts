/** A picture as a network's input. */
import { overWhite } from '../../data/overWhite.ts';
import { resizeArea } from '../../data/resize.ts';
import { DataError } from '../../errors.ts';
import { MAX_PIXELS } from '../../limits.ts';
import type { Picture } from '../protocol.ts';

/** Laid over white and resized by area averaging, as the command line does. @returns  [height, width, 3] */
export function fitPicture(
  { rgba, width, height }: Picture,
  size: { readonly width: number; readonly height: number },
): Uint8Array {
  const bytes = new Uint8Array(rgba.buffer, rgba.byteOffset, rgba.byteLength);
  return resizeArea(overWhite(bytes), width, height, 3, size.width, size.height);
}

/**
 * The pixels of an image file of any kind that the browser knows. Colour profiles are ignored, as on the command line.
 * @throws DataError if it is none, or is too large
 */
export async function decodePicture(file: File): Promise<Picture> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
  } catch (cause) {
    throw new DataError(
      `${file.name} is no image that this browser can read: choose a PNG, JPEG, WebP or GIF file.`,
      { cause },
    );
  }
  try {
    const { width, height } = bitmap;
    if (width * height > MAX_PIXELS) {
      throw new DataError(`${file.name} has ${width}×${height} pixels, which is too many: make it smaller.`);
    }
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    if (!context) throw new DataError(`${file.name} cannot be drawn: there is no memory left for it.`);
    context.drawImage(bitmap, 0, 0);
    return { width, height, rgba: context.getImageData(0, 0, width, height).data };
  } finally {
    bitmap.close();
  }
}
