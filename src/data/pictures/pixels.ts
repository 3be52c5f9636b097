/** From a picture to the pixels that a network takes, and whether those of an earlier day can be used again. */
import type { RgbaImage } from '../../formats/rgbaImage.ts';
import type { Fit, Size } from '../fitPicture.ts';
import { networkInput, type InputSize } from '../networkInput.ts';

/** What images are to be like. */
export interface Geometry extends Size {
  readonly fit: Fit;
}

/** What becomes of other proportions where nothing else is said. */
export const USUAL_FIT: Fit = 'crop';

/** To be changed whenever the same files would give other pixels: those that are kept on disk are then of no use. */
export const DECODER_VERSION = 2;

/** @returns red, green, blue, 0…255, [height, width, 3]; or for one channel grey, [height, width, 1] */
export function toPixels(
  image: RgbaImage,
  { fit, width, height, channels = 3 }: Geometry & Partial<InputSize>,
): Uint8Array<ArrayBuffer> {
  return networkInput(image, { width, height, channels }, { fit });
}
