/**
 * What a JPEG says of itself, read from its markers without decoding it: whether it is whole, how large it is, and how much work
 * it would be. The decoder alone would take whatever memory the frame asks for, and fill what is missing with grey.
 * Source: ITU-T T.81, annex B, https://www.w3.org/Graphics/JPEG/itu-t81.pdf
 */
import { FormatError } from '../errors.ts';
import { MAX_PASSES } from '../limits.ts';
import { exifOrientation, type Orientation } from './exif.ts';
import { checkPictureSize } from './pictureSize.ts';

export interface JpegHeader {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 colour, 4 CMYK or YCCK. */
  readonly components: number;
  readonly orientation: Orientation;
}

interface Frame extends Omit<JpegHeader, 'orientation'> {
  readonly progressive: boolean;
  /** How many samples each component has, by its identifier, against the pixels. */
  readonly densities: ReadonlyMap<number, number>;
}

const MARKER = {
  SOF2: 0xc2,
  SOI: 0xd8,
  EOI: 0xd9,
  SOS: 0xda,
  APP1: 0xe1,
  RST0: 0xd0,
  RST7: 0xd7,
  /** Of arithmetic coding; nothing belongs to it. */
  TEM: 0x01,
};

/** Start of frame, by marker: how the pictures are coded that the decoder knows, and those that it does not. */
const FRAMES: Readonly<Record<number, { readonly known: boolean; readonly coding: string }>> = {
  0xc0: { known: true, coding: 'baseline' },
  0xc1: { known: true, coding: 'extended sequential' },
  0xc2: { known: true, coding: 'progressive' },
  0xc3: { known: false, coding: 'lossless' },
  0xc5: { known: false, coding: 'hierarchical' },
  0xc6: { known: false, coding: 'hierarchical' },
  0xc7: { known: false, coding: 'hierarchical' },
  0xc9: { known: false, coding: 'arithmetic' },
  0xca: { known: false, coding: 'arithmetic' },
  0xcb: { known: false, coding: 'lossless' },
  0xcd: { known: false, coding: 'hierarchical' },
  0xce: { known: false, coding: 'hierarchical' },
  0xcf: { known: false, coding: 'hierarchical' },
};

/**
 * @param bytes  that begin with a start-of-image marker
 * @param name  the file, for messages
 * @throws FormatError when it is cut short or damaged, is coded in a way that is not read, or is too large. What follows its end is ignored
 */
export function readJpegHeader(bytes: Uint8Array, name: string): JpegHeader {
  let frame: Frame | undefined;
  let orientation: Orientation = 1;
  let passes = 0;
  for (let at = 2; ;) {
    const place = nextMarker(bytes, at, name);
    const marker = bytes[place + 1]!;
    if (marker === MARKER.EOI) break;
    if (marker === MARKER.SOI) throw damaged(name, `a second image begins within it, at byte ${place}`);
    if (marker === MARKER.TEM) {
      at = place + 2;
      continue;
    }
    const body = segment(bytes, place, name);
    at = place + 4 + body.length;
    if (marker in FRAMES) {
      if (frame) throw damaged(name, `it has a second frame at byte ${place}`);
      frame = readFrame(body, marker, place, name);
      checkPictureSize(frame, bytes.length, name);
    } else if (marker === MARKER.APP1 && orientation === 1 && isExif(body)) {
      orientation = exifOrientation(body);
    } else if (marker === MARKER.SOS) {
      if (!frame)
        throw damaged(name, `pixels begin at byte ${place}, before the frame that tells their number`);
      passes += passesOf(body, frame);
      if (passes > MAX_PASSES) {
        throw new FormatError(
          `${name}: a JPEG whose scans pass over its pixels more than ${MAX_PASSES} times is not read; save it anew`,
        );
      }
    }
  }
  if (!frame || passes === 0) throw damaged(name, 'it has no pixels');
  const { width, height, components } = frame;
  return { width, height, components, orientation };
}

/** Where the next marker is; coded pixels, and bytes that belong to nothing, are skipped. */
function nextMarker(bytes: Uint8Array, from: number, name: string): number {
  for (let at = from; ; at++) {
    at = bytes.indexOf(0xff, at);
    if (at < 0 || at + 1 >= bytes.length) {
      throw new FormatError(`${name}: the JPEG file is cut short; copy or download it again`);
    }
    const next = bytes[at + 1]!;
    // Within coded pixels 0xff is followed by 0, or by a restart; between segments it may be repeated.
    if (next !== 0 && next !== 0xff && !(next >= MARKER.RST0 && next <= MARKER.RST7)) return at;
  }
}

/** The body of the segment whose marker is at `place`. */
function segment(bytes: Uint8Array, place: number, name: string): Uint8Array {
  const length = place + 4 <= bytes.length ? (bytes[place + 2]! << 8) | bytes[place + 3]! : undefined;
  if (length !== undefined && length < 2)
    throw damaged(name, `the segment at byte ${place} claims a length of ${length}`);
  if (length === undefined || place + 2 + length > bytes.length) {
    throw new FormatError(`${name}: the JPEG file is cut short; copy or download it again`);
  }
  return bytes.subarray(place + 4, place + 2 + length);
}

function readFrame(body: Uint8Array, marker: number, place: number, name: string): Frame {
  const { known, coding } = FRAMES[marker]!;
  const notRead = (what: string): FormatError =>
    new FormatError(`${name}: a JPEG that is ${what} is not read; save it as a baseline JPEG or as PNG`);
  if (!known) throw notRead(`coded as ${coding}`);
  const components = body[5] ?? 0;
  if (body.length < 6 || body.length !== 6 + 3 * components)
    throw damaged(name, `its frame at byte ${place} has a wrong length`);
  const [precision, height, width] = [body[0]!, (body[1]! << 8) | body[2]!, (body[3]! << 8) | body[4]!];
  if (width === 0 || height === 0) throw damaged(name, `it claims ${width}×${height} pixels`);
  if (precision !== 8) throw notRead(`of ${precision} bits a sample`);
  if (components !== 1 && components !== 3 && components !== 4) throw notRead(`of ${components} colours`);
  return { width, height, components, progressive: marker === MARKER.SOF2, densities: densitiesOf(body) };
}

/** @param body  a frame's: for each component, from byte 6 on, an identifier and its sampling factors in four bits each */
function densitiesOf(body: Uint8Array): Map<number, number> {
  const factors: [id: number, across: number, down: number][] = [];
  for (let at = 6; at < body.length; at += 3)
    factors.push([body[at]!, body[at + 1]! >> 4, body[at + 1]! & 15]);
  const most = (axis: 1 | 2): number => Math.max(1, ...factors.map((each) => each[axis]));
  return new Map(factors.map(([id, across, down]) => [id, (across * down) / (most(1) * most(2))]));
}

/** How much work a scan is, against visiting every pixel once: some for each block of 64, and some for each coefficient that it brings. */
function passesOf(body: Uint8Array, { progressive, densities }: Frame): number {
  const count = body[0] ?? 0;
  const ids = Array.from({ length: count }, (_, i) => body[1 + 2 * i]!);
  const samples = ids.reduce((sum, id) => sum + (densities.get(id) ?? 1), 0);
  const [first = 0, last = 63] = body.subarray(1 + 2 * count);
  const coefficients = progressive ? Math.max(1, last - first + 1) : 64;
  return (samples * (4 + coefficients)) / 64;
}

function isExif(body: Uint8Array): boolean {
  return String.fromCharCode(...body.subarray(0, 6)) === 'Exif\0\0';
}

function damaged(name: string, what: string): FormatError {
  return new FormatError(`${name}: damaged JPEG: ${what}`);
}
