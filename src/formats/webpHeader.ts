/**
 * What a WebP says of itself, read from its chunks without decoding it.
 * Sources: RFC 9649 (container, section 2; lossless, section 3) and RFC 6386 (lossy, section 9.1).
 */
import { FormatError } from '../errors.ts';
import { exifOrientation, type Orientation } from './exif.ts';
import { checkPictureSize, type PictureSize } from './pictureSize.ts';

export interface WebpHeader extends PictureSize {
  readonly orientation: Orientation;
}

const RIFF_BYTES = 12;
const CHUNK_BYTES = 8;
const ANIMATION_FLAG = 0x02;

/**
 * @param bytes  that begin with "RIFF", a size and "WEBP"
 * @param name  the file, for messages
 * @throws FormatError when it is cut short, damaged, animated or too large. What follows its end is ignored
 */
export function readWebpHeader(bytes: Uint8Array, name: string): WebpHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = 8 + view.getUint32(4, true);
  if (end > bytes.length) throw truncatedWebp(name);
  let size: PictureSize | undefined;
  let canvas: PictureSize | undefined;
  let orientation: Orientation = 1;
  for (let at = RIFF_BYTES; at + CHUNK_BYTES <= end;) {
    const type = String.fromCharCode(...bytes.subarray(at, at + 4));
    const length = view.getUint32(at + 4, true);
    if (at + CHUNK_BYTES + length > end)
      throw damagedWebp(name, `its part ${JSON.stringify(type)} at byte ${at} is longer than the file`);
    const body = bytes.subarray(at + CHUNK_BYTES, at + CHUNK_BYTES + length);
    if (type === 'VP8X' && !canvas) {
      canvas = canvasOf(body, name);
      checkPictureSize(canvas, bytes.length, name);
    }
    if (type === 'EXIF') orientation = exifOrientation(body);
    // The decoder takes the first.
    if (type === 'VP8 ') size ??= lossySize(body, name);
    if (type === 'VP8L') size ??= losslessSize(body, name);
    at += CHUNK_BYTES + length + (length % 2);
  }
  if (!size) throw damagedWebp(name, 'it has no pixels');
  if (size.width === 0 || size.height === 0)
    throw damagedWebp(name, `it claims ${size.width}×${size.height} pixels`);
  checkPictureSize(size, bytes.length, name);
  if (canvas && (canvas.width !== size.width || canvas.height !== size.height)) {
    throw damagedWebp(
      name,
      `${size.width}×${size.height} pixels are on a canvas of ${canvas.width}×${canvas.height}`,
    );
  }
  return { ...size, orientation };
}

export function damagedWebp(name: string, what: string): FormatError {
  return new FormatError(`${name}: damaged WebP: ${what}`);
}

function truncatedWebp(name: string): FormatError {
  return new FormatError(`${name}: the WebP file is cut short; copy or download it again`);
}

/** The extended format's header: flags, and the sizes less one in three bytes each. */
function canvasOf(body: Uint8Array, name: string): PictureSize {
  if (body.length < 10) throw damagedWebp(name, 'its header is too short');
  if (body[0]! & ANIMATION_FLAG) {
    throw new FormatError(`${name} is an animated WebP; save one picture of it as PNG, JPEG or WebP`);
  }
  const extent = (at: number): number => 1 + body[at]! + (body[at + 1]! << 8) + (body[at + 2]! << 16);
  return { width: extent(4), height: extent(7) };
}

function lossySize(body: Uint8Array, name: string): PictureSize {
  if (body.length < 10 || body[0]! & 1 || body[3] !== 0x9d || body[4] !== 0x01 || body[5] !== 0x2a)
    throw damagedWebp(name, 'its pixels do not begin with a key frame');
  return { width: (body[6]! | (body[7]! << 8)) & 0x3fff, height: (body[8]! | (body[9]! << 8)) & 0x3fff };
}

function losslessSize(body: Uint8Array, name: string): PictureSize {
  if (body.length < 5 || body[0] !== 0x2f)
    throw damagedWebp(name, 'its lossless pixels do not begin as they must');
  const bits = body[1]! | (body[2]! << 8) | (body[3]! << 16) | (body[4]! << 24);
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
}
