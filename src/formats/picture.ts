/** Pictures of all kinds that are read. The decoders are loaded when the first picture needs them. */
import { compileDecoder, inflate } from '#decoders';
import { FormatError } from '../errors.ts';
import { JpegDecoder } from './jpeg.ts';
import { describeStart, otherKind, pictureKind, type PictureKind } from './pictureKind.ts';
import { inflateFailure, readPngFile } from './pngFile.ts';
import { pngPixels } from './pngPixels.ts';
import type { RgbaImage } from './rgbaImage.ts';
import { WebpDecoder } from './webp.ts';

export type { RgbaImage };

type Decode = (bytes: Uint8Array, name: string) => RgbaImage | Promise<RgbaImage>;

/** What loads the decoder of each kind. */
const LOADERS: Record<PictureKind, () => Promise<Decode>> = {
  PNG: () => Promise.resolve(decodePng),
  JPEG: async () => {
    const decoder = new JpegDecoder(await compileDecoder('jpeg'));
    return (bytes, name) => decoder.decode(bytes, name);
  },
  WebP: async () => {
    const decoder = new WebpDecoder(await compileDecoder('webp'));
    return (bytes, name) => decoder.decode(bytes, name);
  },
};

const loaded = new Map<PictureKind, Promise<Decode>>();

/**
 * The pixels of a PNG, JPEG or WebP, whichever its first bytes say it is; upright, by its Exif metadata, unless it is a PNG. The same bytes in
 * every runtime. Colour profiles and gamma are ignored.
 *
 * @param bytes  that do not change meanwhile
 * @param name  the file, for messages
 * @throws FormatError when it is of another kind, damaged or cut short, or larger than `MAX_SIDE`, `MAX_PIXELS` or `mostDecoded` allow
 * @throws EngineError when the decoder cannot be loaded
 */
export async function decodePicture(bytes: Uint8Array, name: string): Promise<RgbaImage> {
  if (bytes.length === 0) throw new FormatError(`${name} is empty (0 bytes), not a picture`);
  const kind = pictureKind(bytes);
  if (!kind) throw notRead(bytes, name);
  const decode = await decoderOf(kind);
  return decode(bytes, name);
}

function decoderOf(kind: PictureKind): Promise<Decode> {
  let decoder = loaded.get(kind);
  if (!decoder) {
    decoder = LOADERS[kind]();
    loaded.set(kind, decoder);
    // What could not be loaded now may be there later.
    decoder.catch(() => loaded.delete(kind));
  }
  return decoder;
}

async function decodePng(bytes: Uint8Array, name: string): Promise<RgbaImage> {
  const file = readPngFile(bytes, name);
  const { width, height } = file.header;
  let lines: Uint8Array;
  try {
    lines = await inflate(file.compressed, file.inflatedBytes);
  } catch (error) {
    throw inflateFailure(error, file, name);
  }
  return { width, height, data: pngPixels(file, lines, name) };
}

function notRead(bytes: Uint8Array, name: string): FormatError {
  const other = otherKind(bytes);
  return new FormatError(
    other
      ? `${name} is ${other} picture, which simdnet does not read: convert it to PNG, JPEG or WebP first`
      : `${name} is not a PNG, JPEG or WebP file; it starts with ${describeStart(bytes)}. Convert it to one of these first`,
  );
}
