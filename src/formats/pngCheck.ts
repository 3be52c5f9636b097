/**
 * What must be true of a PNG before it is worth decoding: it is one, it is whole, and it is not a bomb.
 * The decoder itself would allocate whatever the header asks for and let truncated pixels pass as black ones.
 * Source: PNG specification, third edition, https://www.w3.org/TR/png-3/
 */
import { crc32, inflateSync } from 'node:zlib';
import { FormatError } from '../errors.ts';
import { MAX_PIXELS, MAX_SIDE, mostDecoded } from '../limits.ts';

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const CHUNK_OVERHEAD = 12; // Length, type and checksum, 4 bytes each.
/** Samples in a pixel, and the bits a sample may have, by colour type. */
const COLOUR_TYPES: Record<number, { samples: number; depths: readonly number[] }> = {
  0: { samples: 1, depths: [1, 2, 4, 8, 16] },
  2: { samples: 3, depths: [8, 16] },
  3: { samples: 1, depths: [1, 2, 4, 8] },
  4: { samples: 2, depths: [8, 16] },
  6: { samples: 4, depths: [8, 16] },
};

interface Header {
  readonly width: number;
  readonly height: number;
  readonly bitsPerPixel: number;
  readonly interlaced: boolean;
}

/**
 * @param name the file, for messages
 * @returns the bytes of the PNG alone, without anything that follows its end
 * @throws FormatError when this is not a complete PNG of an acceptable size
 */
export function checkPng(bytes: Uint8Array, name: string): Uint8Array {
  if (bytes.length === 0) throw new FormatError(`${name} is empty (0 bytes), not a PNG file`);
  if (!startsWith(bytes, SIGNATURE)) {
    throw new FormatError(
      `${name} is not a PNG file; it starts with ${describeStart(bytes)}. Convert it to PNG first`,
    );
  }
  let header: Header | undefined;
  const compressed: Uint8Array[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = SIGNATURE.length; ;) {
    if (at + CHUNK_OVERHEAD > bytes.length) throw truncated(name);
    const length = view.getUint32(at);
    const end = at + CHUNK_OVERHEAD + length;
    if (end > bytes.length) throw truncated(name);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) {
      throw new FormatError(
        `${name}: damaged PNG: the checksum of its part ${JSON.stringify(type)} at byte ${at} is wrong`,
      );
    }
    if (header === undefined) {
      if (type !== 'IHDR' || length !== 13)
        throw new FormatError(`${name}: damaged PNG: it does not begin with a header`);
      header = readHeader(body, name);
      checkSize(header, bytes.length, name);
    } else if (type === 'IHDR') {
      // The decoder would believe the last one.
      throw new FormatError(`${name}: damaged PNG: it has a second header at byte ${at}`);
    } else if (type === 'IDAT') {
      compressed.push(body);
    } else if (type === 'IEND') {
      checkPixelData(compressed, header, name);
      return bytes.subarray(0, end);
    }
    at = end;
  }
}

function readHeader(body: Uint8Array, name: string): Header {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const width = view.getUint32(0);
  const height = view.getUint32(4);
  const [depth, colourType, compression, filter, interlace] = Array.from(body.subarray(8)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  if (width === 0 || height === 0)
    throw new FormatError(`${name}: damaged PNG: it claims ${width}×${height} pixels`);
  const colour = COLOUR_TYPES[colourType];
  if (!colour?.depths.includes(depth) || compression !== 0 || filter !== 0 || interlace > 1) {
    const values = [depth, colourType, compression, filter, interlace].join(', ');
    throw new FormatError(
      `${name}: damaged PNG: no image has depth, colour type, compression, filter and interlacing ${values}`,
    );
  }
  return { width, height, bitsPerPixel: colour.samples * depth, interlaced: interlace === 1 };
}

/** An image is decoded in memory and in time that its pixels decide; a few bytes can stand for millions of equal ones. */
function checkSize(header: Header, fileBytes: number, name: string): void {
  const { width, height } = header;
  const pixels = width * height;
  const tooMany = `${name}: ${width}×${height} pixels are more than simdnet reads`;
  if (width > MAX_SIDE || height > MAX_SIDE || pixels > MAX_PIXELS) {
    throw new FormatError(
      `${tooMany} (${MAX_SIDE} on a side, ${MAX_PIXELS / (1024 * 1024)} megapixels in all); make the image smaller first`,
    );
  }
  // As it is compressed, or as red, green, blue and alpha.
  const decoded = Math.max(expectedBytes(header), 4 * pixels);
  if (decoded <= mostDecoded(fileBytes)) return;
  throw new FormatError(
    `${tooMany} from a file of ${fileBytes} bytes (${mostDecoded(fileBytes)} bytes of pixels, not ${decoded}); ` +
      'make the image smaller first',
  );
}

/** Inflates the pixels with a limit and throws them away: only this shows that all of them are there, and no more. */
function checkPixelData(compressed: readonly Uint8Array[], header: Header, name: string): void {
  const expected = expectedBytes(header);
  let bytes: number;
  try {
    bytes = inflateSync(Buffer.concat(compressed), { maxOutputLength: expected }).length;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'Z_BUF_ERROR') throw truncated(name);
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw new FormatError(
        `${name}: damaged PNG: it holds more pixels than the ${header.width}×${header.height} it claims`,
      );
    }
    throw new FormatError(`${name}: damaged PNG: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (bytes < expected) throw truncated(name);
}

/** The size of the filtered scanlines, each with its filter byte, in all passes. */
function expectedBytes({ width, height, bitsPerPixel, interlaced }: Header): number {
  const passBytes = (columns: number, rows: number) =>
    columns === 0 ? 0 : rows * (1 + Math.ceil((columns * bitsPerPixel) / 8));
  if (!interlaced) return passBytes(width, height);
  // Adam7: the first column and row of every pass, and the steps between them.
  const passes = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
  ] as const;
  return passes.reduce(
    (total, [x, y, dx, dy]) => total + passBytes(Math.ceil((width - x) / dx), Math.ceil((height - y) / dy)),
    0,
  );
}

function truncated(name: string): FormatError {
  return new FormatError(`${name}: the PNG file is cut short; copy or download it again`);
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, index) => bytes[index] === byte);
}

function describeStart(bytes: Uint8Array): string {
  const start = bytes.subarray(0, 16);
  const text = new TextDecoder('latin1').decode(start);
  if (text.startsWith('\xff\xd8\xff')) return 'the signature of a JPEG';
  if (text.startsWith('GIF8')) return 'the signature of a GIF';
  if (text.startsWith('RIFF') && text.startsWith('WEBP', 8)) return 'the signature of a WebP';
  if (/^[\x20-\x7e\t\r\n]+$/.test(text)) return JSON.stringify(text);
  return `the bytes ${Array.from(start.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join(' ')}`;
}
