/** Reading a photograph for a network to look at. */
import { readWhole } from '../files/readFile.ts';
import { decodePng, type RgbaImage } from '../formats/png.ts';
import { grey } from './grey.ts';
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
 * @param size.channels 3 by default; with 1 it is made grey first
 * @returns red, green, blue, 0…255, [size.height, size.width, 3], or grey
 * @throws FormatError as `decodePng` does
 */
export function pngToImage(
  bytes: Uint8Array,
  name: string,
  size: { width: number; height: number; channels?: 1 | 3 },
): Uint8Array {
  const { width, height, data } = decodePng(bytes, name);
  const { channels = 3 } = size;
  const rgb = overWhite(data);
  return resizeArea(channels === 1 ? grey(rgb) : rgb, width, height, channels, size.width, size.height);
}
