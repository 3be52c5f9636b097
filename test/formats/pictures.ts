/** Pictures to test with: those that are kept, what the tools of their libraries make of them, and how they are taken apart. */
import { readdirSync, readFileSync } from 'node:fs';
import { decodePng, type RgbaImage } from '../../src/formats/png.ts';

const folder = new URL('../fixtures/pictures/', import.meta.url);

export function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, folder)));
}

/** @param extension  with its dot */
export function fixtures(extension: '.jpg' | '.webp'): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(extension))
    .sort();
}

/** What djpeg or dwebp shows. */
export function reference(name: string): RgbaImage {
  return decodePng(fixture(`${name}.png`), name);
}

/** The largest difference of two images of one size. */
export function difference(a: RgbaImage, b: RgbaImage): number {
  if (a.width !== b.width || a.height !== b.height) return Infinity;
  return a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i]!)), 0);
}

/** Exif metadata whose only entry is the orientation. */
export function exif(orientation: number, order: 'II' | 'MM', type = 3): Buffer {
  const little = order === 'II';
  const tiff = Buffer.alloc(26);
  const view = new DataView(tiff.buffer, tiff.byteOffset);
  tiff.write(order, 'latin1');
  view.setUint16(2, 42, little);
  view.setUint32(4, 8, little);
  view.setUint16(8, 1, little);
  view.setUint16(10, 0x0112, little);
  view.setUint16(12, type, little);
  view.setUint32(14, 1, little);
  view.setUint16(18, orientation, little);
  return tiff;
}

export function jpegSegment(marker: number, body: Uint8Array): Buffer {
  const head = Buffer.of(0xff, marker, 0, 0);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}

/** A JPEG with a segment more, right after its beginning. */
export function withSegment(jpeg: Uint8Array, marker: number, body: Uint8Array): Buffer {
  return Buffer.concat([jpeg.subarray(0, 2), jpegSegment(marker, body), jpeg.subarray(2)]);
}

export function jpegWithExif(jpeg: Uint8Array, tiff: Uint8Array): Buffer {
  return withSegment(jpeg, 0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]));
}

export function webpChunk(type: string, body: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
}

export function webpOf(...chunks: Uint8Array[]): Buffer {
  const body = Buffer.concat([Buffer.from('WEBP', 'latin1'), ...chunks]);
  const head = Buffer.alloc(8);
  head.write('RIFF', 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

/** A header of the extended format. */
export function webpCanvas(width: number, height: number, flags: number): Buffer {
  const body = Buffer.alloc(10);
  body[0] = flags;
  body.writeUIntLE(width - 1, 4, 3);
  body.writeUIntLE(height - 1, 7, 3);
  return webpChunk('VP8X', body);
}

/** A simple WebP in the extended format, with Exif metadata. */
export function webpWithExif(
  webp: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  tiff: Uint8Array,
): Buffer {
  return webpOf(webpCanvas(width, height, 0x08), webp.subarray(12), webpChunk('EXIF', tiff));
}
