import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { decodePicture } from '../../src/formats/picture.ts';
import { difference, fixture, reference, webpCanvas, webpChunk, webpOf } from './pictures.ts';

const lossy = fixture('lossy.webp');
const lossless = fixture('lossless.webp');
const pixels = lossy.subarray(12);

function changed(bytes: Uint8Array, at: number, ...values: number[]): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(values, at);
  return copy;
}

describe('a WebP', () => {
  it('may be extended, and have chunks of no meaning and an end that is padded', async () => {
    const expected = reference('lossy.webp');
    const unknown = webpChunk('abcd', Buffer.alloc(77));
    const variants = [
      webpOf(webpCanvas(61, 43, 0), pixels),
      webpOf(webpCanvas(61, 43, 0), unknown, pixels, unknown),
      webpOf(webpCanvas(61, 43, 0x20), webpChunk('ICCP', Buffer.alloc(30)), pixels),
      Buffer.concat([lossy, Buffer.alloc(9)]),
    ];
    for (const variant of variants) expect(difference(await decodePicture(variant, 'f'), expected)).toBe(0);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['the beginning of its pixels', lossy.subarray(0, 300), /the WebP file is cut short; copy or download/],
    ['nothing but its signature', lossy.subarray(0, 12), /cut short/],
    [
      'half its pixels',
      webpOf(webpChunk('VP8 ', pixels.subarray(8, 200))),
      /damaged WebP: its pixels cannot/,
    ],
    [
      'half its lossless pixels',
      webpOf(webpChunk('VP8L', lossless.subarray(20, 200))),
      /its pixels cannot be/,
    ],
    ['no pixels', webpOf(webpCanvas(61, 43, 0)), /damaged WebP: it has no pixels/],
    ['nothing in it', webpOf(), /damaged WebP: it has no pixels/],
    [
      'a part longer than the file',
      changed(lossy, 16, 0xff, 0xff, 0xff, 0xff),
      /part "VP8 " at byte 12 is longer/,
    ],
    ['no columns', changed(lossy, 26, 0, 0), /damaged WebP: it claims 0×43 pixels/],
    ['no rows', changed(lossy, 28, 0, 0), /damaged WebP: it claims 61×0 pixels/],
    ['no key frame', changed(lossy, 20, lossy[20]! | 1), /do not begin with a key frame/],
    ['another lossless signature', changed(lossless, 20, 0), /lossless pixels do not begin as they must/],
    [
      'a size beyond its length',
      changed(lossy, 26, 0xff, 0x3f, 0xff, 0x0f),
      /16383×4095 .* a file of 554 bytes/,
    ],
    ['the largest size', changed(lossless, 21, 0xff, 0xff, 0xff, 0x0f), /16384×16384 pixels are more than/],
    ['a huge canvas', webpOf(webpCanvas(2 ** 24, 2 ** 24, 0), pixels), /16777216×16777216 pixels are more/],
    ['another canvas', webpOf(webpCanvas(62, 43, 0), pixels), /61×43 pixels are on a canvas of 62×43/],
    ['a short header', webpOf(webpChunk('VP8X', Buffer.alloc(4)), pixels), /its header is too short/],
    [
      'a film',
      webpOf(webpCanvas(61, 43, 2), webpChunk('ANIM', Buffer.alloc(6))),
      /is an animated WebP; save one/,
    ],
  ])('with %s is refused', async (_, bytes, message) => {
    const decoded = decodePicture(bytes, 'cat.webp');
    await expect(decoded).rejects.toThrow(FormatError);
    await expect(decoded).rejects.toThrow(message);
    await expect(decoded).rejects.toThrow(/^cat\.webp/);
  });

  it('gives a picture or a FormatError, wherever it is cut or damaged', async () => {
    for (const name of ['lossy-pixel.webp', 'lossy-alpha.webp', 'lossless-alpha-fast.webp']) {
      const bytes = fixture(name);
      let refused = 0;
      for (let at = 0; at < bytes.length; at++) {
        await expect(decodePicture(bytes.subarray(0, at), 'f')).rejects.toThrow(FormatError);
        const damaged = Buffer.from(bytes);
        damaged[at]! ^= 0x41;
        await decodePicture(damaged, 'f').catch((error: unknown) => {
          expect(error).toBeInstanceOf(FormatError);
          refused++;
        });
      }
      expect(refused).toBeGreaterThan(10);
    }
  });
});
