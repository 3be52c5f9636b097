/**
 * How a camera was held: the one thing in Exif metadata that changes what a picture shows.
 * Source: Exif 2.32 (CIPA DC-008), sections 4.6.2 and 4.6.4.
 */
import type { RgbaImage } from './rgbaImage.ts';

/** 1 upright, 2 mirrored, 3 upside down, 4 upside down and mirrored; 5 to 8 the same on their side (see `upright`). */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const ORIENTATION_TAG = 0x0112;
const SHORT = 3;
const ENTRY_BYTES = 12;

/**
 * The orientation that the first directory of Exif metadata names. A picture is worth reading without its metadata, so
 * what is missing or damaged counts as upright.
 *
 * @param tiff  from its byte order on ("II" or "MM"); "Exif\0\0" may stand before it
 */
export function exifOrientation(tiff: Uint8Array): Orientation {
  const start = String.fromCharCode(...tiff.subarray(0, 6)) === 'Exif\0\0' ? 6 : 0;
  const view = new DataView(tiff.buffer, tiff.byteOffset + start, tiff.length - start);
  if (view.byteLength < 8) return 1;
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return 1;
  const little = order === 0x4949;
  const directory = view.getUint32(4, little);
  if (view.getUint16(2, little) !== 42 || directory + 2 > view.byteLength) return 1;
  const entries = view.getUint16(directory, little);
  for (let i = 0; i < entries; i++) {
    const at = directory + 2 + i * ENTRY_BYTES;
    if (at + ENTRY_BYTES > view.byteLength) return 1;
    if (view.getUint16(at, little) !== ORIENTATION_TAG) continue;
    const value = view.getUint16(at + 8, little);
    const usable = view.getUint16(at + 2, little) === SHORT && value >= 1 && value <= 8;
    return usable ? (value as Orientation) : 1;
  }
  return 1;
}

/**
 * The image as it was seen. The rows and columns that are stored first are, for the orientations from 1 to 8: top and left; top and
 * right; bottom and right; bottom and left; left and top; right and top; right and bottom; left and bottom.
 *
 * @returns `image` itself if it is upright already
 */
export function upright(image: RgbaImage, orientation: Orientation): RgbaImage {
  if (orientation === 1) return image;
  const { width, height, data } = image;
  const turned = orientation >= 5;
  const [columns, rows] = turned ? [height, width] : [width, height];
  // Whether going right, or down, in the result goes back in what is stored.
  const againstColumns = [2, 3, 6, 7].includes(orientation);
  const againstRows = [3, 4, 7, 8].includes(orientation);
  // Pixels from one to the next in what is stored, going right and down in the result.
  const [alongX, alongY] = turned ? [width, 1] : [1, width];
  const stepX = againstColumns ? -alongX : alongX;
  const stepY = againstRows ? -alongY : alongY;
  const first = (againstColumns ? (columns - 1) * alongX : 0) + (againstRows ? (rows - 1) * alongY : 0);
  const from = pixelsOf(data);
  const to = new Uint32Array(width * height);
  for (let y = 0, at = 0; y < rows; y++) {
    for (let x = 0, source = first + y * stepY; x < columns; x++, source += stepX) to[at++] = from[source]!;
  }
  return { width: columns, height: rows, data: new Uint8Array(to.buffer) };
}

/** Four bytes at a time. */
function pixelsOf(data: Uint8Array): Uint32Array {
  const aligned = data.byteOffset % 4 === 0 ? data : data.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
}
