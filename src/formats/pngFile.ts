/**
 * What a PNG is made of, taken apart and checked before it is decoded: it is one, it is whole, and it is not a bomb.
 * Source: PNG specification, third edition, https://www.w3.org/TR/png-3/
 */
import { crc32 } from '#decoders';
import { FormatError } from '../errors.ts';
import { InflateError } from './inflateError.ts';
import { describeStart, startsWith } from './pictureKind.ts';
import { checkPictureSize } from './pictureSize.ts';

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

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGBA. */
  readonly colourType: number;
  /** Bits per sample. */
  readonly depth: number;
  readonly bitsPerPixel: number;
  readonly interlaced: boolean;
}

/** A part of the image: every `dx`th pixel of every `dy`th row, without those before column `x` and row `y`. */
export interface Pass {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
  readonly columns: number;
  readonly rows: number;
}

export interface PngFile {
  readonly header: PngHeader;
  readonly passes: readonly Pass[];
  /** The body of PLTE: red, green, blue. */
  readonly palette: Uint8Array | undefined;
  /** The body of tRNS. */
  readonly transparency: Uint8Array | undefined;
  /** The bodies of IDAT, one zlib stream. */
  readonly compressed: readonly Uint8Array[];
  /** The size of the filtered scanlines, each with its filter byte, of all passes. */
  readonly inflatedBytes: number;
}

/**
 * @param name the file, for messages
 * @throws FormatError when this is not a complete PNG of an acceptable size. What follows its end is ignored
 */
export function readPngFile(bytes: Uint8Array, name: string): PngFile {
  if (bytes.length === 0) throw new FormatError(`${name} is empty (0 bytes), not a PNG file`);
  if (!startsWith(bytes, SIGNATURE)) {
    throw new FormatError(
      `${name} is not a PNG file; it starts with ${describeStart(bytes)}. Convert it to PNG first`,
    );
  }
  let header: PngHeader | undefined;
  let palette: Uint8Array | undefined;
  let transparency: Uint8Array | undefined;
  const compressed: Uint8Array[] = [];
  for (let at = SIGNATURE.length; ;) {
    const { type, body, end } = chunkAt(bytes, at, name);
    if (header === undefined) {
      if (type !== 'IHDR' || body.length !== 13)
        throw new FormatError(`${name}: damaged PNG: it does not begin with a header`);
      header = readHeader(body, name);
      checkPictureSize(header, bytes.length, name, scanlineBytes(header, passesOf(header)));
    } else if (type === 'IHDR') {
      throw new FormatError(`${name}: damaged PNG: it has a second header at byte ${at}`);
    } else if (type === 'PLTE') {
      palette = body;
    } else if (type === 'tRNS') {
      transparency = body;
    } else if (type === 'IDAT') {
      compressed.push(body);
    } else if (type === 'IEND') {
      const passes = passesOf(header);
      return {
        header,
        passes,
        palette,
        transparency,
        compressed,
        inflatedBytes: scanlineBytes(header, passes),
      };
    }
    at = end;
  }
}

/** Bytes of a row without its filter byte. */
export function rowBytes(columns: number, bitsPerPixel: number): number {
  return Math.ceil((columns * bitsPerPixel) / 8);
}

/** What is wrong with a file whose `compressed` could not be inflated to `inflatedBytes`. */
export function inflateFailure(error: unknown, { header }: PngFile, name: string): unknown {
  if (!(error instanceof InflateError)) return error;
  if (error.kind === 'short') return truncatedPng(name);
  const damaged = `${name}: damaged PNG: `;
  if (error.kind === 'damaged') return new FormatError(`${damaged}${error.message}`, { cause: error });
  const { width, height } = header;
  return new FormatError(`${damaged}it holds more pixels than the ${width}×${height} it claims`);
}

function truncatedPng(name: string): FormatError {
  return new FormatError(`${name}: the PNG file is cut short; copy or download it again`);
}

function chunkAt(
  bytes: Uint8Array,
  at: number,
  name: string,
): { type: string; body: Uint8Array; end: number } {
  if (at + CHUNK_OVERHEAD > bytes.length) throw truncatedPng(name);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = at + CHUNK_OVERHEAD + view.getUint32(at);
  if (end > bytes.length) throw truncatedPng(name);
  const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
  if (crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) {
    throw new FormatError(
      `${name}: damaged PNG: the checksum of its part ${JSON.stringify(type)} at byte ${at} is wrong`,
    );
  }
  return { type, body: bytes.subarray(at + 8, end - 4), end };
}

function readHeader(body: Uint8Array, name: string): PngHeader {
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
  return {
    width,
    height,
    colourType,
    depth,
    bitsPerPixel: colour.samples * depth,
    interlaced: interlace === 1,
  };
}

/** The parts that the image comes in; those without pixels are left out. */
function passesOf({ width, height, interlaced }: PngHeader): Pass[] {
  if (!interlaced) return [{ x: 0, y: 0, dx: 1, dy: 1, columns: width, rows: height }];
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
  return passes
    .map(([x, y, dx, dy]) => {
      const columns = Math.max(0, Math.ceil((width - x) / dx));
      return { x, y, dx, dy, columns, rows: Math.max(0, Math.ceil((height - y) / dy)) };
    })
    .filter(({ columns, rows }) => columns > 0 && rows > 0);
}

function scanlineBytes({ bitsPerPixel }: PngHeader, passes: readonly Pass[]): number {
  return passes.reduce((total, { columns, rows }) => total + rows * (1 + rowBytes(columns, bitsPerPixel)), 0);
}
