import { describe, expect, it } from 'vitest';
import { exifOrientation, upright, type Orientation } from '../../src/formats/exif.ts';
import { decodePicture } from '../../src/formats/picture.ts';
import type { RgbaImage } from '../../src/formats/rgbaImage.ts';
import { exif, fixture, jpegWithExif, reference, webpWithExif, withSegment } from './pictures.ts';

/** Letters as pixels, a row a word. */
function imageOf(...rows: string[]): RgbaImage {
  const data = Uint8Array.from(rows.join(''), (letter) => letter.charCodeAt(0));
  const rgba = Uint8Array.from({ length: data.length * 4 }, (_, i) => data[i >> 2]! + (i % 4));
  return { width: rows[0]!.length, height: rows.length, data: rgba };
}

const seen = imageOf('abc', 'def');

/** What is stored of it, by where its first row and its first column are seen (Exif 2.32, table 6). */
const stored: [Orientation, string, string[]][] = [
  [1, 'top, left', ['abc', 'def']],
  [2, 'top, right', ['cba', 'fed']],
  [3, 'bottom, right', ['fed', 'cba']],
  [4, 'bottom, left', ['def', 'abc']],
  [5, 'left, top', ['ad', 'be', 'cf']],
  [6, 'right, top', ['cf', 'be', 'ad']],
  [7, 'right, bottom', ['fc', 'eb', 'da']],
  [8, 'left, bottom', ['da', 'eb', 'fc']],
];

describe('orientation', () => {
  it.each(stored)('%d: the first row is seen at the %s', (orientation, _, rows) => {
    expect(upright(imageOf(...rows), orientation)).toEqual(seen);
    const { width, height, data } = imageOf(...rows);
    const unaligned = new Uint8Array(data.length + 1).subarray(1);
    unaligned.set(data);
    expect(upright({ width, height, data: unaligned }, orientation).data).toEqual(seen.data);
  });

  describe.each(['II', 'MM'] as const)('in the byte order %s', (order) => {
    it.each([1, 2, 3, 4, 5, 6, 7, 8] as const)('%d turns JPEG and WebP', async (orientation) => {
      const jpeg = jpegWithExif(fixture('422.jpg'), exif(orientation, order));
      expect(await decodePicture(jpeg, 'f')).toEqual(upright(reference('422.jpg'), orientation));
      const webp = webpWithExif(
        fixture('lossless.webp'),
        { width: 31, height: 21 },
        exif(orientation, order),
      );
      expect(await decodePicture(webp, 'f')).toEqual(upright(reference('lossless.webp'), orientation));
    });
  });

  it('is taken from the first metadata that have one', async () => {
    const turned = jpegWithExif(fixture('422.jpg'), exif(6, 'MM'));
    const expected = upright(reference('422.jpg'), 6);
    expect(
      await decodePicture(withSegment(turned, 0xe1, Buffer.from('http://ns.adobe.com/xap/1.0/\0')), 'f'),
    ).toEqual(expected);
    expect(await decodePicture(jpegWithExif(turned, exif(1, 'II')), 'f')).toEqual(expected);
    const prefixed = Buffer.concat([Buffer.from('Exif\0\0'), exif(6, 'II')]);
    const webp = webpWithExif(fixture('lossless.webp'), { width: 31, height: 21 }, prefixed);
    expect(await decodePicture(webp, 'f')).toEqual(upright(reference('lossless.webp'), 6));
  });
});

describe('exifOrientation', () => {
  it('finds it among other entries', () => {
    const tiff = Buffer.alloc(50);
    exif(3, 'MM').copy(tiff);
    tiff.writeUInt16BE(3, 8);
    tiff.copy(tiff, 34, 10, 22);
    tiff.writeUInt16BE(0x010f, 10);
    tiff.writeUInt16BE(0x0110, 22);
    expect(exifOrientation(tiff)).toBe(3);
    tiff.writeUInt16BE(2, 8);
    expect(exifOrientation(tiff)).toBe(1);
  });

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['a prefix alone', Buffer.from('Exif\0\0')],
    ['another byte order', Buffer.from(exif(6, 'MM').toString('latin1').replace('MM', 'MI'), 'latin1')],
    ['an orientation of 0', exif(0, 'MM')],
    ['an orientation of 9', exif(9, 'II')],
    ['an orientation that is no short number', exif(6, 'II', 4)],
    ['a directory beyond the end', Buffer.concat([exif(6, 'MM').subarray(0, 4), Buffer.alloc(22, 0xff)])],
    ['no magic number', Buffer.concat([Buffer.from('II'), Buffer.alloc(24, 6)])],
  ])('takes %s for upright', (_, tiff) => {
    expect(exifOrientation(tiff)).toBe(1);
  });

  it('never fails, wherever it is cut or damaged', () => {
    for (const tiff of [exif(6, 'II'), exif(6, 'MM')]) {
      expect(exifOrientation(tiff)).toBe(6);
      for (let at = 0; at < tiff.length; at++) {
        // The entry ends with byte 22; the rest is where the next directory is.
        expect(exifOrientation(tiff.subarray(0, at))).toBe(at < 22 ? 1 : 6);
        for (const value of [0, 1, 0x7f, 0xff]) {
          const damaged = Buffer.from(tiff);
          damaged[at] = value;
          expect(exifOrientation(damaged)).toBeGreaterThanOrEqual(1);
        }
      }
    }
  });
});
