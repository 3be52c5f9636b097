import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { decodePicture } from '../../src/formats/picture.ts';
import { decodePng } from '../../src/formats/png.ts';
import { buildPng } from './pngBuilder.ts';
import { difference, fixture, fixtures, reference } from './pictures.ts';

describe('decodePicture', () => {
  // Two of 255 are what the standard lets decoders differ by; this one is libjpeg's, so it should be 0.
  it.each(fixtures('.jpg'))('shows %s as djpeg does', async (name) => {
    expect(difference(await decodePicture(fixture(name), name), reference(name))).toBe(0);
  });

  it.each(fixtures('.webp'))('shows %s as dwebp does', async (name) => {
    expect(difference(await decodePicture(fixture(name), name), reference(name))).toBe(0);
  });

  it('has pictures of every kind to compare', () => {
    expect(fixtures('.jpg').length).toBeGreaterThan(20);
    expect(fixtures('.webp').length).toBeGreaterThan(6);
    // References that are not grey, nor all the same.
    expect(difference(reference('baseline.jpg'), reference('progressive.jpg'))).toBe(0);
    expect(difference(reference('baseline.jpg'), reference('coarse.jpg'))).toBeGreaterThan(20);
    expect(difference(reference('cmyk.jpg'), reference('444.jpg'))).toBeLessThan(60);
  });

  it('shows PNG as decodePng does', async () => {
    const parts = {
      width: 3,
      height: 2,
      colourType: 2,
      depth: 8,
      samples: Buffer.from('abcdefghijklmnopqr'),
    };
    const png = buildPng(parts);
    expect(await decodePicture(png, 'f')).toEqual(decodePng(png, 'f'));
    await expect(decodePicture(png.subarray(0, 50), 'f.png')).rejects.toThrow(
      'f.png: the PNG file is cut short',
    );
  });

  it('goes by the bytes, not by the name, and reads from the middle of a buffer', async () => {
    const jpeg = Buffer.concat([Buffer.from('xyz'), fixture('444.jpg'), Buffer.from('more')]).subarray(3);
    expect(await decodePicture(jpeg, 'cat.png')).toEqual(await decodePicture(fixture('444.jpg'), 'cat.jpg'));
    const webp = Buffer.concat([Buffer.from('xyz'), fixture('lossy.webp'), Buffer.from('more')]).subarray(3);
    expect(await decodePicture(webp, 'cat.jpg')).toEqual(await decodePicture(fixture('lossy.webp'), 'f'));
  });

  it('decodes many at once, and the same each time', async () => {
    const names = [...fixtures('.jpg'), ...fixtures('.webp')].flatMap((name) => [name, name]);
    const images = await Promise.all(names.map((name) => decodePicture(fixture(name), name)));
    images.forEach((image, i) => {
      expect(difference(image, reference(names[i]!))).toBe(0);
    });
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(), /is empty \(0 bytes\)/],
    ['text', Buffer.from('hello, world'), /is not a PNG, JPEG or WebP file; it starts with "hello, world"/],
    ['bytes', Uint8Array.of(1, 2, 3), /starts with the bytes 01 02 03\. Convert it/],
    [
      'GIF',
      Buffer.from('GIF89a....'),
      /is a GIF picture, which simdnet does not read: convert it to PNG, JPEG/,
    ],
    ['HEIC', Buffer.from('\0\0\0\x18ftypheic....', 'latin1'), /is a HEIC picture/],
    ['HEIC of another brand', Buffer.from('\0\0\0\x18ftypmif1....', 'latin1'), /is a HEIC picture/],
    ['AVIF', Buffer.from('\0\0\0\x18ftypavif....', 'latin1'), /is an AVIF picture/],
    ['TIFF', Buffer.from('II*\0....', 'latin1'), /is a TIFF picture/],
    ['the other TIFF', Buffer.from('MM\0*....', 'latin1'), /is a TIFF picture/],
    ['BMP', Buffer.from('BM\x46\0\0\0\0\0\0\0\x36', 'latin1'), /is a BMP picture/],
    ['JPEG XL', Buffer.from('ff0a0000', 'hex'), /is a JPEG XL picture/],
    ['JPEG 2000', Buffer.from('ff4fff51', 'hex'), /is a JPEG 2000 picture/],
    ['SVG', Buffer.from('<?xml version="1.0"?><svg/>'), /is an SVG picture/],
    ['a sound', Buffer.from('RIFF\0\0\0\0WAVE', 'latin1'), /is not a PNG, JPEG or WebP/],
  ])('refuses %s', async (_, bytes, message) => {
    const decoded = decodePicture(bytes, 'cat.jpg');
    await expect(decoded).rejects.toThrow(FormatError);
    await expect(decoded).rejects.toThrow(message);
    await expect(decoded).rejects.toThrow(/^cat\.jpg/);
  });
});
