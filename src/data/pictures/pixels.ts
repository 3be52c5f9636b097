/** From a picture to the pixels that a network takes, and whether those of an earlier day can be used again. */
import type { RgbaImage } from '../../formats/rgbaImage.ts';
import { fitPicture, type Fit, type Size } from '../fitPicture.ts';

/** What images are to be like. */
export interface Geometry extends Size {
  readonly fit: Fit;
}

/** What becomes of other proportions where nothing else is said. */
export const USUAL_FIT: Fit = 'crop';

/** To be changed whenever the same files would give other pixels: those that are kept on disk are then of no use. */
export const DECODER_VERSION = 2;

/** @returns red, green, blue, 0…255, [height, width, 3] */
export function toPixels(image: RgbaImage, { fit, ...size }: Geometry): Uint8Array<ArrayBuffer> {
  return fitPicture(image, size, { fit });
}
