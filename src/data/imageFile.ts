/** Reading a photograph for a network to look at. */
import { readWhole } from '../files/readFile.ts';
import { decodePng, type RgbaImage } from '../formats/png.ts';
import { overWhite } from './overWhite.ts';
import { resizeArea } from './resize.ts';

export { decodePng, type RgbaImage };

/**
 * @throws DataError when the file is missing or cannot be read
 * @throws FormatError when it is not a usable PNG (see `decodePng`)
 */
export async function readPng(path: string): Promise<RgbaImage> {
  return decodePng(await readWhole(path), path);
}

/**
 * A PNG as a network's input: transparent pixels laid over white, then resized to `size` by area averaging.
 * The aspect ratio is not kept, as in Keras' `load_img`.
 *
 * @param name the file, for messages
 * @returns red, green, blue, 0…255, [size.height, size.width, 3]
 * @throws FormatError as `decodePng` does
 */
export function pngToImage(
  bytes: Uint8Array,
  name: string,
  size: { width: number; height: number },
): Uint8Array {
  const { width, height, data } = decodePng(bytes, name);
  return resizeArea(overWhite(data), width, height, 3, size.width, size.height);
}

/** Whether a file is looked at where a folder is named, and not the file. */
export function isPictureName(name: string): boolean {
  return /\.(png|jpe?g|webp)$/i.test(name);
}
