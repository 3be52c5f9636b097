/** WebP files: bytes, or chunks in another order or with other contents, or sizes that would take forever. */
import { pictureToImage } from '../../../src/data/imageFile.ts';
import { fixture, fixtures, webpCanvas, webpChunk, webpOf } from '../../formats/pictures.ts';
import { mutateBytes } from '../bytes.ts';
import type { Choices } from '../choices.ts';
import { MB, type Target } from '../target.ts';

const corpus: readonly Uint8Array[] = fixtures('.webp').map(fixture);

const SIZES = [0, 1, 2, 15, 16, 17, 100, 1000, 3500, 4096, 16_383, 16_384, 1 << 24];

export const webp: Target = {
  name: 'WebP',
  turns: 3,
  // As many pixels as any file may have, as they are decoded and laid over white.
  memory: { free: 512 * MB, perByte: 8192 },
  make,
  read: (bytes, name) => pictureToImage(bytes, name, { width: 8, height: 8 }, { fit: 'fit' }),
};

interface Chunk {
  readonly type: string;
  readonly body: Uint8Array;
}

function make(choices: Choices): Uint8Array {
  const [file, other] = [choices.of(corpus), choices.of(corpus)];
  if (choices.oneIn(4)) return mutateBytes(file, other, choices);
  const chunks = chunksOf(file);
  for (let times = choices.amount(3); times > 0; times--) mutateChunks(chunks, chunksOf(other), choices);
  const assembled = webpOf(...chunks.map(({ type, body }) => webpChunk(type, body)));
  return choices.oneIn(20) ? mutateBytes(assembled, other, choices) : assembled;
}

function mutateChunks(chunks: Chunk[], donors: readonly Chunk[], choices: Choices): void {
  const at = choices.below(chunks.length + 1);
  const donor = choices.of(donors);
  const chunk = chunks[at] ?? donor;
  switch (choices.below(8)) {
    case 0:
      chunks.splice(at, 1);
      break;
    case 1:
      chunks.splice(at, 0, donor);
      break;
    case 2:
      chunks[at] = {
        ...chunk,
        type: choices.of(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'EXIF', 'abcd']),
      };
      break;
    case 3:
      chunks.unshift({ type: 'VP8X', body: canvas(choices) });
      break;
    case 4:
    case 5:
      chunks[at] = { ...chunk, body: resized(chunk, choices) };
      break;
    default:
      chunks[at] = { ...chunk, body: mutateBytes(chunk.body, donor.body, choices) };
  }
}

function canvas(choices: Choices): Uint8Array {
  const extent = (): number => Math.max(1, choices.of([...SIZES, 61, 43, 31, 21]));
  return webpCanvas(extent(), extent(), choices.of([0, 0x02, 0x08, 0x10, 0x18, 0xff])).subarray(8);
}

/** The same pixels, of which there are to be fewer or more. */
function resized({ type, body }: Chunk, choices: Choices): Uint8Array {
  const copy = Uint8Array.from(body);
  const view = new DataView(copy.buffer);
  const [width, height] = [choices.of(SIZES) & 0x3fff, choices.of(SIZES) & 0x3fff];
  if (type === 'VP8 ' && copy.length >= 10) {
    view.setUint16(6, width, true);
    view.setUint16(8, height, true);
  }
  if (type === 'VP8L' && copy.length >= 5) view.setUint32(1, width | (height << 14), true);
  return copy;
}

/** Of a file that is whole. */
function chunksOf(file: Uint8Array): Chunk[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const chunks: Chunk[] = [];
  for (let at = 12; at + 8 <= file.length;) {
    const length = view.getUint32(at + 4, true);
    const type = new TextDecoder('latin1').decode(file.subarray(at, at + 4));
    chunks.push({ type, body: file.subarray(at + 8, at + 8 + length) });
    at += 8 + length + (length % 2);
  }
  return chunks;
}
