/** PNG bytes to pixels, and back by pngjs. In a page, `decodePicture` reads PNG; this is for Node, where it need not wait. */
import { PNG } from 'pngjs';
import { inflateExactly } from '../platform/nodeDecoders.ts';
import { inflateFailure, readPngFile } from './pngFile.ts';
import { pngPixels } from './pngPixels.ts';
import type { RgbaImage } from './rgbaImage.ts';

export type { RgbaImage };

/**
 * The pixels of a PNG of any colour type and bit depth, interlaced or not. Sixteen-bit samples are rounded to
 * eight; colour profiles and gamma are ignored.
 *
 * @param name the file, for messages
 * @throws FormatError when this is not a PNG, is damaged or cut short, or is larger than `MAX_SIDE`, `MAX_PIXELS`
 */
export function decodePng(bytes: Uint8Array, name: string): RgbaImage {
  const file = readPngFile(bytes, name);
  const { width, height } = file.header;
  let lines: Uint8Array;
  try {
    lines = inflateExactly(file.compressed, file.inflatedBytes);
  } catch (error) {
    throw inflateFailure(error, file, name);
  }
  return { width, height, data: pngPixels(file, lines, name) };
}

/** An RGB PNG of `image`, whose alpha is left out: it must be opaque already. */
export function encodePng({ width, height, data }: RgbaImage): Uint8Array {
  const png = new PNG({ width, height });
  png.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return new Uint8Array(PNG.sync.write(png, { colorType: 2 }));
}
