import { deflateSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { decodePng, encodePng } from '../../src/formats/png.ts';
import { buildPng, chunk, header, pngOf, type PngParts } from './pngBuilder.ts';

/** Samples that differ from pixel to pixel, 0…2^depth − 1. */
function pattern(count: number, depth: number): number[] {
  return Array.from({ length: count }, (_, i) => (i * 40503 + 7) % 2 ** depth);
}

/** What the file means in 8-bit RGBA, straight from the specification. */
function expectedRgba({ colourType, depth, samples }: PngParts, palette: number[][] = []): number[] {
  const to8 = (value: number) => Math.round((value * 255) / (2 ** depth - 1));
  const perPixel = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colourType]!;
  return Array.from({ length: samples.length / perPixel }, (_, pixel) => {
    const s = Array.from({ length: perPixel }, (__, i) => samples[pixel * perPixel + i]!);
    if (colourType === 3) return palette[s[0]!]!;
    const [a, b, c, d] = s.map(to8) as [number, number, number, number];
    if (colourType === 0) return [a, a, a, 255];
    if (colourType === 4) return [a, a, a, b];
    return [a, b, c, colourType === 6 ? d : 255];
  }).flat();
}

const kinds: [string, number, number, number][] = [
  ['1-bit grey', 0, 1, 1],
  ['2-bit grey', 0, 2, 1],
  ['4-bit grey', 0, 4, 1],
  ['8-bit grey', 0, 8, 1],
  ['16-bit grey', 0, 16, 1],
  ['8-bit RGB', 2, 8, 3],
  ['16-bit RGB', 2, 16, 3],
  ['8-bit grey with alpha', 4, 8, 2],
  ['16-bit grey with alpha', 4, 16, 2],
  ['8-bit RGBA', 6, 8, 4],
  ['16-bit RGBA', 6, 16, 4],
];

describe('decodePng', () => {
  describe.each([false, true])('interlaced: %s', (interlaced) => {
    // 11×9 leaves partial bytes and partial interlacing tiles; 1×1 leaves interlacing passes empty.
    describe.each([
      [11, 9],
      [1, 1],
      [3, 2],
    ])('%d×%d', (width, height) => {
      it.each(kinds)('reads %s', (_, colourType, depth, perPixel) => {
        const samples = pattern(width * height * perPixel, depth);
        const parts = { width, height, colourType, depth, interlaced, samples };
        const image = decodePng(buildPng(parts), 'f');
        expect([image.width, image.height]).toEqual([width, height]);
        expect(Array.from(image.data)).toEqual(expectedRgba(parts));
      });

      it.each([1, 2, 4, 8])('reads a %d-bit palette with transparency', (depth) => {
        const palette = Array.from({ length: 2 ** depth }, (_, i) => [
          i,
          255 - i,
          (i * 7) % 256,
          i === 1 ? 99 : 255,
        ]);
        const extra: PngParts['extra'] = [
          ['PLTE', Uint8Array.from(palette.flatMap((colour) => colour.slice(0, 3)))],
          ['tRNS', Uint8Array.from(palette.map((colour) => colour[3]!))],
        ];
        const samples = pattern(width * height, depth);
        const parts = { width, height, colourType: 3, depth, interlaced, samples, extra };
        expect(Array.from(decodePng(buildPng(parts), 'f').data)).toEqual(expectedRgba(parts, palette));
      });
    });
  });

  it.each([0, 1, 2, 3, 4])('undoes the filter %d, for pixels of each size', (filterType) => {
    const rgba = Uint8Array.from(pattern(37 * 11 * 4, 8));
    for (const colourType of [0, 2, 4, 6] as const) {
      for (const bitDepth of [8, 16] as const) {
        const png = new PNG({ width: 37, height: 11 });
        png.data = Buffer.from(rgba);
        const bytes = PNG.sync.write(png, { colorType: colourType, bitDepth, filterType });
        expect(decodePng(bytes, 'f').data).toEqual(new Uint8Array(PNG.sync.read(bytes).data));
      }
    }
  });

  it.each([
    ['2-bit grey', 0, 2, [1, 2, 3], [0, 2]],
    ['16-bit grey', 0, 16, [1, 258, 2], [1, 2]],
    ['8-bit RGB', 2, 8, [1, 2, 3, 9, 8, 7, 1, 2, 4], [0, 9, 0, 8, 0, 7]],
    ['16-bit RGB', 2, 16, [1, 2, 3, 9, 8, 7, 9, 8, 6], [0, 9, 0, 8, 0, 7]],
  ])('makes the one transparent colour of %s transparent', (_, colourType, depth, samples, transparent) => {
    const extra: PngParts['extra'] = [['tRNS', Uint8Array.from(transparent)]];
    const parts = { width: 3, height: 1, colourType, depth, samples, extra };
    const { data } = decodePng(buildPng(parts), 'f');
    expect(Array.from(data).filter((_value, i) => i % 4 === 3)).toEqual([255, 0, 255]);
  });

  const grey = buildPng({ width: 20, height: 20, colourType: 0, depth: 8, samples: pattern(400, 8) });

  it('reads from the middle of a buffer, and ignores what follows the image', () => {
    const padded = Buffer.concat([Buffer.from('xyz'), grey, Buffer.from('trailing')]).subarray(3);
    expect(decodePng(padded, 'f')).toEqual(decodePng(grey, 'f'));
  });

  it('reads pixels split over many chunks', () => {
    const pixels = deflateSync(Buffer.from([0, 1, 2, 0, 3, 4]));
    const split = Array.from(pixels, (byte) => chunk('IDAT', Uint8Array.of(byte)));
    const { data } = decodePng(pngOf(header(2, 2, 8, 0), ...split), 'f');
    expect(Array.from(data).filter((_, i) => i % 4 === 0)).toEqual([1, 2, 3, 4]);
  });

  const bomb = (interlace: number) =>
    pngOf(header(2, 2, 8, 0, interlace), chunk('IDAT', deflateSync(Buffer.alloc(1 << 22))));
  const tooFewPixels = (interlace: number) =>
    pngOf(header(20, 20, 8, 0, interlace), chunk('IDAT', deflateSync(Buffer.alloc(100))));
  const notDeflate = pngOf(header(2, 2, 8, 0), chunk('IDAT', Buffer.alloc(20, 0x55)));
  const unknownFilter = pngOf(header(1, 1, 8, 0), chunk('IDAT', deflateSync(Uint8Array.of(9, 0))));
  const oddDepth = pngOf(header(1, 1, 3, 0), chunk('IDAT', deflateSync(Uint8Array.of(0, 0))));
  const noPalette = buildPng({ width: 1, height: 1, colourType: 3, depth: 8, samples: [0] });
  const withPalette = (palette: Uint8Array, sample: number) =>
    buildPng({ width: 1, height: 1, colourType: 3, depth: 8, samples: [sample], extra: [['PLTE', palette]] });
  const wrongChecksum = Buffer.from(grey);
  wrongChecksum[29]! ^= 1; // The checksum of the header.

  it.each<[string, Uint8Array, RegExp]>([
    ['an empty file', new Uint8Array(0), /is empty/],
    ['text', Buffer.from('hello, world\n'), /is not a PNG file; it starts with "hello, world\\n"/],
    ['part of a signature', grey.subarray(0, 5), /not a PNG file; it starts with the bytes 89 50 4e 47 0d/],
    ['a JPEG', Buffer.from('ffd8ffe000104a464946', 'hex'), /starts with the signature of a JPEG.*Convert/],
    ['binary', Uint8Array.of(0, 1, 2, 3), /starts with the bytes 00 01 02 03/],
    ['a signature alone', grey.subarray(0, 8), /cut short/],
    ['a header cut short', grey.subarray(0, 30), /cut short/],
    ['pixels cut short', grey.subarray(0, 200), /cut short/],
    ['a missing end', grey.subarray(0, grey.length - 1), /cut short/],
    ['too few pixels', tooFewPixels(0), /cut short/],
    ['too few interlaced pixels', tooFewPixels(1), /cut short/],
    [
      'a compressed stream cut short',
      pngOf(header(2, 2, 8, 0), chunk('IDAT', deflateSync(new Uint8Array(6)).subarray(0, 6))),
      /cut short/,
    ],
    ['no pixels', pngOf(header(2, 2, 8, 0)), /cut short/],
    ['a bomb', bomb(0), /holds more pixels than the 2×2/],
    ['an interlaced bomb', bomb(1), /holds more pixels than the 2×2/],
    ['no columns', pngOf(header(0, 2, 8, 0)), /claims 0×2 pixels/],
    ['no rows', pngOf(header(2, 0, 8, 0)), /claims 2×0 pixels/],
    ['a side that is too long', pngOf(header(16385, 1, 1, 0)), /16385×1 pixels are more than simdnet reads/],
    ['too many pixels', pngOf(header(16384, 4097, 1, 0)), /16384×4097 pixels are more .*64 megapixels/],
    [
      'more pixels than so short a file may have',
      pngOf(header(4096, 3100, 1, 0)),
      /4096×3100 .* a file of 45 bytes/,
    ],
    [
      'a second header',
      pngOf(header(1, 1, 8, 0), header(16384, 4096, 8, 6), chunk('IDAT', deflateSync(Uint8Array.of(0, 0)))),
      /damaged PNG: it has a second header at byte 33/,
    ],
    ['an unknown colour type', pngOf(header(2, 2, 8, 5)), /damaged PNG: no image has .* 8, 5, 0, 0, 0$/],
    ['damaged pixels', notDeflate, /damaged PNG: incorrect header check/],
    ['an unknown filter', unknownFilter, /damaged PNG: no scanline has the filter 9/],
    ['an unknown depth', oddDepth, /damaged PNG: no image has depth, .* 3, 0, 0, 0, 0$/],
    ['a wrong checksum', wrongChecksum, /damaged PNG: the checksum of its part "IHDR" at byte 8 is wrong/],
    ['a palette image without palette', noPalette, /damaged PNG: .* it has no usable one/],
    ['a palette of half a colour', withPalette(new Uint8Array(4), 0), /damaged PNG: .* it has no usable one/],
    ['a colour beyond the palette', withPalette(new Uint8Array(6), 2), /a colour that its palette has not/],
    ['another chunk first', pngOf(chunk('IDAT', new Uint8Array(13))), /does not begin with a header/],
  ])('refuses %s', (_, bytes, message) => {
    const decode = () => decodePng(bytes, 'cat.png');
    expect(decode).toThrow(FormatError);
    expect(decode).toThrow(message);
    expect(decode).toThrow(/^cat\.png/);
  });

  it('throws nothing but FormatError, wherever the file is cut or damaged', () => {
    const small = buildPng({
      width: 3,
      height: 2,
      colourType: 2,
      depth: 8,
      interlaced: true,
      samples: pattern(18, 8),
    });
    for (let at = 0; at < small.length; at++) {
      expect(() => decodePng(small.subarray(0, at), 'f')).toThrow(FormatError);
      const damaged = Buffer.from(small);
      damaged[at]! ^= 0x41;
      expect(() => decodePng(damaged, 'f')).toThrow(FormatError);
    }
  });
});

describe('encodePng', () => {
  it('writes an RGB PNG that reads back the same', () => {
    const data = Uint8Array.from({ length: 7 * 5 * 4 }, (_, i) => (i % 4 === 3 ? 255 : (i * 37) % 256));
    const png = encodePng({ width: 7, height: 5, data });
    expect(png[25]).toBe(2);
    expect(decodePng(png, 'f')).toEqual({ width: 7, height: 5, data });
  });
});
