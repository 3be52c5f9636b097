import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { decodePicture } from '../../src/formats/picture.ts';
import { difference, fixture, jpegSegment, reference, withSegment } from './pictures.ts';

const SOI = Buffer.of(0xff, 0xd8);
const EOI = Buffer.of(0xff, 0xd9);

interface FrameParts {
  readonly precision?: number;
  readonly components?: number;
}

function frame(width: number, height: number, { precision = 8, components = 3 }: FrameParts = {}): Buffer {
  const body = Buffer.alloc(6 + 3 * components);
  body[0] = precision;
  body.writeUInt16BE(height, 1);
  body.writeUInt16BE(width, 3);
  body[5] = components;
  for (let i = 0; i < components; i++) body.set([i + 1, 0x11, 0], 6 + 3 * i);
  return body;
}

const scan = jpegSegment(0xda, Buffer.of(1, 1, 0, 0, 63, 0));
const jpegOf = (...parts: Uint8Array[]): Buffer => Buffer.concat([SOI, ...parts, EOI]);

/** Where the first segment with this marker begins. */
function placeOf(jpeg: Uint8Array, marker: number): number {
  return Buffer.from(jpeg).indexOf(Buffer.of(0xff, marker));
}

/** As many as `times` of the last scan of a progressive JPEG, which only refine what is there. */
function withScans(name: string, times: number): Buffer {
  const jpeg = Buffer.from(fixture(name));
  const last = jpeg.lastIndexOf(Buffer.of(0xff, 0xda));
  const again = Array<Buffer>(times).fill(jpeg.subarray(last, -2));
  return Buffer.concat([jpeg.subarray(0, -2), ...again, EOI]);
}

const baseline = fixture('baseline.jpg');

describe('a JPEG', () => {
  it('may have segments of no meaning, fill bytes, and bytes too many', async () => {
    const expected = reference('baseline.jpg');
    const scanAt = placeOf(baseline, 0xda);
    const variants = [
      withSegment(baseline, 0xe2, Buffer.alloc(60_000, 0xff)),
      withSegment(baseline, 0xfe, new Uint8Array()),
      // A thumbnail within metadata is no second image.
      withSegment(baseline, 0xe1, Buffer.concat([Buffer.from('Exif\0\0'), fixture('pixel.jpg')])),
      Buffer.concat([baseline.subarray(0, scanAt), Buffer.of(0xff, 0xff, 0xff), baseline.subarray(scanAt)]),
      Buffer.concat([baseline.subarray(0, -2), Buffer.alloc(20, 0x41), EOI]),
      Buffer.concat([baseline, baseline, Buffer.from('and the film')]),
    ];
    for (const variant of variants) expect(difference(await decodePicture(variant, 'f'), expected)).toBe(0);
  });

  const scanAt = placeOf(baseline, 0xda);
  const withEnd = (length: number): Buffer => Buffer.concat([baseline.subarray(0, length), EOI]);
  const frameAt = placeOf(baseline, 0xc0);
  const changed = (at: number, ...values: number[]): Buffer => {
    const copy = Buffer.from(baseline);
    copy.set(values, at);
    return copy;
  };

  it.each<[string, Uint8Array, RegExp]>([
    ['nothing but its signature', Buffer.of(0xff, 0xd8, 0xff), /cut short; copy or download it again/],
    ['the beginning of its pixels', baseline.subarray(0, scanAt + 40), /cut short/],
    ['all but its end', baseline.subarray(0, -2), /cut short/],
    ['a segment longer than the file', changed(4, 0xff, 0xff), /cut short/],
    ['a segment of no length', changed(4, 0, 1), /damaged JPEG: the segment at byte 2 claims a length of 1/],
    ['half its pixels', withEnd(scanAt + 300), /damaged JPEG: Corrupt JPEG data: premature end/],
    ['no pixels', jpegOf(jpegSegment(0xc0, frame(1, 1))), /damaged JPEG: it has no pixels/],
    ['nothing between beginning and end', jpegOf(), /damaged JPEG: it has no pixels/],
    ['pixels before the frame', jpegOf(scan, jpegSegment(0xc0, frame(1, 1))), /at byte 2, before the frame/],
    ['no tables', jpegOf(jpegSegment(0xc0, frame(9, 9)), scan), /damaged JPEG: .*(table|component)/],
    [
      'two frames',
      withSegment(baseline, 0xc0, frame(1, 1)),
      /damaged JPEG: it has a second frame at byte \d+/,
    ],
    ['another image within', changed(frameAt + 1, 0xd8), /damaged JPEG: a second image begins within it/],
    ['a short frame', jpegOf(jpegSegment(0xc0, frame(9, 9).subarray(0, 9)), scan), /a wrong length/],
    ['no columns', changed(frameAt + 7, 0, 0), /damaged JPEG: it claims 0×43 pixels/],
    ['no rows', changed(frameAt + 5, 0, 0), /damaged JPEG: it claims 61×0 pixels/],
    [
      'a huge size',
      changed(frameAt + 5, 0xff, 0xff, 0xff, 0xff),
      /65535×65535 pixels are more than simdnet reads/,
    ],
    ['a size beyond its length', changed(frameAt + 5, 0x20, 0, 0x20, 0), /8192×8192 .* a file of 1422 bytes/],
    [
      'twelve bits a sample',
      jpegOf(jpegSegment(0xc1, frame(9, 9, { precision: 12 })), scan),
      /of 12 bits a sample is not read/,
    ],
    [
      'two colours',
      jpegOf(jpegSegment(0xc0, frame(9, 9, { components: 2 })), scan),
      /of 2 colours is not read/,
    ],
    [
      'a lossless frame',
      jpegOf(jpegSegment(0xc3, frame(9, 9)), scan),
      /coded as lossless is not read; save it/,
    ],
    ['an arithmetic frame', jpegOf(jpegSegment(0xc9, frame(9, 9)), scan), /coded as arithmetic is not read/],
    [
      'a hierarchical frame',
      jpegOf(jpegSegment(0xc5, frame(9, 9)), scan),
      /coded as hierarchical is not read/,
    ],
    [
      'scans without end',
      withScans('progressive.jpg', 40),
      /pass over its pixels more than 16 times is not read/,
    ],
    ['a wrong sampling factor', changed(frameAt + 11, 0xff), /damaged JPEG: Bogus sampling factors/],
  ])('with %s is refused', async (_, bytes, message) => {
    const decoded = decodePicture(bytes, 'cat.jpg');
    await expect(decoded).rejects.toThrow(FormatError);
    await expect(decoded).rejects.toThrow(message);
    await expect(decoded).rejects.toThrow(/^cat\.jpg/);
    // The decoder is as good as new.
    expect(difference(await decodePicture(baseline, 'f'), reference('baseline.jpg'))).toBe(0);
  });

  it('may have more scans than programs make', async () => {
    const image = await decodePicture(withScans('progressive.jpg', 5), 'f');
    expect([image.width, image.height]).toEqual([61, 43]);
  });

  it('gives a picture or a FormatError, wherever it is cut or damaged', async () => {
    for (const name of ['row.jpg', 'pixel.jpg', 'cmyk-without-adobe.jpg']) {
      const bytes = fixture(name);
      let refused = 0;
      for (let at = 0; at < bytes.length; at++) {
        const cut = decodePicture(bytes.subarray(0, at), 'f');
        await expect(cut).rejects.toThrow(FormatError);
        const damaged = Buffer.from(bytes);
        damaged[at]! ^= 0x41;
        await decodePicture(damaged, 'f').catch((error: unknown) => {
          expect(error).toBeInstanceOf(FormatError);
          refused++;
        });
      }
      expect(refused).toBeGreaterThan(bytes.length / 10);
    }
  });
});
