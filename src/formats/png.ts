/** PNG bytes to pixels and back, by pngjs. */
import { PNG } from 'pngjs';
import { FormatError } from '../errors.ts';
import { checkPng } from './pngCheck.ts';

export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and straight (not premultiplied) alpha, 0…255. [height, width, 4] */
  readonly data: Uint8Array;
}

/**
 * The pixels of a PNG of any colour type and bit depth, interlaced or not. Sixteen-bit samples are rounded to
 * eight; colour profiles and gamma are ignored.
 *
 * @param name the file, for messages
 * @throws FormatError when this is not a PNG, is damaged or cut short, or is larger than `MAX_SIDE`, `MAX_PIXELS`
 */
export function decodePng(bytes: Uint8Array, name: string): RgbaImage {
  const png = checkPng(bytes, name);
  try {
    const { width, height, data } = PNG.sync.read(Buffer.from(png.buffer, png.byteOffset, png.byteLength), {
      checkCRC: false,
    });
    return { width, height, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
  } catch (error) {
    throw new FormatError(`${name}: damaged PNG: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** An RGB PNG of `image`, whose alpha is left out: it must be opaque already. */
export function encodePng({ width, height, data }: RgbaImage): Uint8Array {
  const png = new PNG({ width, height });
  png.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return new Uint8Array(PNG.sync.write(png, { colorType: 2 }));
}
