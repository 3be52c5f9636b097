/** Reading a photograph for a network to look at. */
import { readWhole } from '../files/readFile.ts';
import { decodePicture, type RgbaImage } from '../formats/picture.ts';
import type { FitOptions, Size } from './fitPicture.ts';
import { networkInput, type InputSize } from './networkInput.ts';

/**
 * @throws DataError when the file is missing or cannot be read
 * @throws FormatError when it is not a usable PNG, JPEG or WebP (see `decodePicture`)
 */
export async function readPicture(path: string): Promise<RgbaImage> {
  return decodePicture(await readWhole(path), path);
}

/**
 * A PNG, JPEG or WebP as a network's input (see `networkInput`).
 *
 * @param name the file, for messages
 * @param size  of 3 channels by default
 * @returns red, green, blue, 0…255, [size.height, size.width, 3]; or grey, [size.height, size.width, 1]
 * @throws FormatError as `decodePicture` does
 */
export async function pictureToImage(
  bytes: Uint8Array,
  name: string,
  size: Size & Partial<InputSize>,
  options: FitOptions = {},
): Promise<Uint8Array> {
  return networkInput(await decodePicture(bytes, name), { channels: 3, ...size }, options);
}
