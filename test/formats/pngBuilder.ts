/** PNG files of every kind, right or wrong, built from the specification rather than by the encoder under test. */
import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

export interface PngParts {
  width: number;
  height: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGBA. */
  colourType: number;
  /** Bits per sample. */
  depth: number;
  interlaced?: boolean;
  /** One value per sample, 0…2^depth − 1, [height, width, samples]. */
  samples: ArrayLike<number>;
  /** Chunks between the header and the pixels, such as `PLTE` and `tRNS`. */
  extra?: [type: string, body: Uint8Array][];
}

export function chunk(type: string, body: Uint8Array): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, checksum]);
}

export function header(
  width: number,
  height: number,
  depth: number,
  colourType: number,
  interlace = 0,
): Buffer {
  const body = Buffer.alloc(13);
  body.writeUInt32BE(width, 0);
  body.writeUInt32BE(height, 4);
  body.set([depth, colourType, 0, 0, interlace], 8);
  return chunk('IHDR', body);
}

export function pngOf(...chunks: Uint8Array[]): Buffer {
  return Buffer.concat([SIGNATURE, ...chunks, chunk('IEND', Buffer.alloc(0))]);
}

export function buildPng(parts: PngParts): Buffer {
  const { width, height, depth, colourType, interlaced = false, extra = [] } = parts;
  const pixels = Buffer.concat(passesOf(interlaced).map((pass) => scanlines(parts, pass)));
  return pngOf(
    header(width, height, depth, colourType, interlaced ? 1 : 0),
    ...extra.map(([type, body]) => chunk(type, body)),
    chunk('IDAT', deflateSync(pixels)),
  );
}

type Pass = readonly [x: number, y: number, dx: number, dy: number];

function passesOf(interlaced: boolean): Pass[] {
  if (!interlaced) return [[0, 0, 1, 1]];
  // Drawn out as in the specification: the pass that each pixel of an 8×8 tile belongs to.
  const tile = [
    '16462646',
    '77777777',
    '56565656',
    '77777777',
    '36463646',
    '77777777',
    '56565656',
    '77777777',
  ];
  return [1, 2, 3, 4, 5, 6, 7].map((pass) => {
    const rows = tile.flatMap((row, y) => (row.includes(String(pass)) ? [y] : []));
    const row = tile[rows[0]!]!;
    const columns = Array.from(row).flatMap((p, x) => (p === String(pass) ? [x] : []));
    const step = ([first, second]: number[]) => (second === undefined ? 8 : second - first!);
    return [columns[0]!, rows[0]!, step(columns), step(rows)] as const;
  });
}

function scanlines({ width, height, depth, colourType, samples }: PngParts, [x0, y0, dx, dy]: Pass): Buffer {
  const perPixel = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colourType]!;
  const lines: Buffer[] = [];
  if (x0 >= width) return Buffer.alloc(0);
  for (let y = y0; y < height; y += dy) {
    let bits = '';
    for (let x = x0; x < width; x += dx) {
      for (let s = 0; s < perPixel; s++) {
        bits += samples[(y * width + x) * perPixel + s]!.toString(2).padStart(depth, '0');
      }
    }
    const bytes = bits.padEnd(Math.ceil(bits.length / 8) * 8, '0').match(/.{8}/g)!;
    lines.push(Buffer.from([0, ...bytes.map((byte) => parseInt(byte, 2))]));
  }
  return Buffer.concat(lines);
}
