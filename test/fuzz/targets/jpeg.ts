/** JPEG files: bytes, or segments in another order or with other contents, or sizes and scans that would take forever. */
import { pictureToImage } from '../../../src/data/imageFile.ts';
import { fixture, fixtures, jpegSegment } from '../../formats/pictures.ts';
import { joined, mutateBytes } from '../bytes.ts';
import { NUMBERS, type Choices } from '../choices.ts';
import { MB, type Target } from '../target.ts';

const corpus: readonly Uint8Array[] = fixtures('.jpg').map(fixture);

const SOI = Uint8Array.of(0xff, 0xd8);
const EOI = Uint8Array.of(0xff, 0xd9);
const SOS = 0xda;
const MARKERS = [
  0x01, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc9, 0xcc, 0xd0, 0xd8, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xe1, 0xee, 0xfe,
];

export const jpeg: Target = {
  name: 'JPEG',
  turns: 4,
  // As many pixels as any file may have, as they are coded, decoded and laid over white.
  memory: { free: 512 * MB, perByte: 8192 },
  make,
  read: (bytes, name) => pictureToImage(bytes, name, { width: 8, height: 8 }, { fit: 'crop' }),
};

interface Segment {
  readonly marker: number;
  readonly body: Uint8Array;
  /** What follows a start of scan. */
  readonly coded: Uint8Array;
}

function make(choices: Choices): Uint8Array {
  const [file, other] = [choices.of(corpus), choices.of(corpus)];
  if (choices.oneIn(4)) return mutateBytes(file, other, choices);
  if (choices.oneIn(40)) return manyScans(choices);
  const segments = segmentsOf(file);
  for (let times = choices.amount(3); times > 0; times--)
    mutateSegments(segments, segmentsOf(other), choices);
  const assembled = jpegOf(segments);
  return choices.oneIn(20) ? mutateBytes(assembled, other, choices) : assembled;
}

function mutateSegments(segments: Segment[], donors: readonly Segment[], choices: Choices): void {
  if (segments.length === 0) return;
  const at = choices.below(segments.length);
  const segment = segments[at]!;
  const donor = choices.of(donors);
  switch (choices.below(8)) {
    case 0:
      segments.splice(at, 1);
      break;
    case 1:
      segments.splice(at, 0, donor);
      break;
    case 2:
      segments[at] = { ...segment, marker: choices.of(MARKERS) };
      break;
    case 3:
      segments.push(...segments.splice(at, 1));
      break;
    case 4:
    case 5: {
      const frame = segments.findIndex(isFrame);
      if (frame >= 0)
        segments[frame] = { ...segments[frame]!, body: mutateFrame(segments[frame]!.body, choices) };
      break;
    }
    case 6:
      segments[at] = { ...segment, coded: mutateBytes(segment.coded, donor.coded, choices) };
      break;
    default:
      segments[at] = { ...segment, body: mutateBytes(segment.body, donor.body, choices).subarray(0, 65_533) };
  }
}

function isFrame({ marker }: Segment): boolean {
  return marker >= 0xc0 && marker <= 0xc2;
}

/** Another size, other sampling factors, or anything else. */
function mutateFrame(body: Uint8Array, choices: Choices): Uint8Array {
  // An earlier mutation may have cut it.
  const frame = new Uint8Array(Math.max(6, body.length));
  frame.set(body);
  if (choices.oneIn(2)) {
    const extent = Math.trunc(Math.abs(choices.of(NUMBERS))) & 0xffff;
    new DataView(frame.buffer).setUint16(choices.of([1, 3]), extent);
  } else {
    frame[choices.below(frame.length)] = choices.of([
      0, 1, 2, 3, 4, 8, 0x11, 0x12, 0x14, 0x21, 0x22, 0x41, 0x44, 255,
    ]);
  }
  return frame;
}

/** An image as large as so short a file may be, whose last scans come again and again. */
function manyScans(choices: Choices): Uint8Array {
  const segments = segmentsOf(
    fixture(choices.of(['progressive.jpg', 'cmyk-progressive.jpg', 'component-by-component.jpg'])),
  );
  const frame = segments.findIndex(isFrame);
  const body = Uint8Array.from(segments[frame]!.body);
  new DataView(body.buffer).setUint16(1, choices.of([100, 1000, 3500]));
  new DataView(body.buffer).setUint16(3, choices.of([100, 1000, 3500]));
  segments[frame] = { ...segments[frame]!, body };
  const scans = segments.filter(({ marker }) => marker === SOS);
  for (let times = choices.of([0, 10, 80, 3000]); times > 0; times--) segments.push(choices.of(scans));
  return jpegOf(segments);
}

function jpegOf(segments: readonly Segment[]): Uint8Array {
  return joined(
    SOI,
    ...segments.flatMap(({ marker, body, coded }) => [jpegSegment(marker, body), coded]),
    EOI,
  );
}

/** Of a file that is whole. */
function segmentsOf(file: Uint8Array): Segment[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const segments: Segment[] = [];
  for (let at = 2; file[at + 1] !== EOI[1];) {
    const marker = file[at + 1]!;
    const end = at + 2 + view.getUint16(at + 2);
    let next = end;
    while (!(file[next] === 0xff && file[next + 1] !== 0 && (file[next + 1]! & 0xf8) !== 0xd0)) next++;
    segments.push({ marker, body: file.subarray(at + 4, end), coded: file.subarray(end, next) });
    at = next;
  }
  return segments;
}
