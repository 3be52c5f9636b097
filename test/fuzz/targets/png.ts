/** PNG files: bytes, or chunks with their checksums put right, or pixels that are compressed again. */
import { deflateSync, inflateSync } from 'node:zlib';
import { pictureToImage } from '../../../src/data/imageFile.ts';
import { encodePng } from '../../../src/formats/png.ts';
import { buildPng, chunk, pngOf } from '../../formats/pngBuilder.ts';
import { mutateBytes } from '../bytes.ts';
import { NUMBERS, type Choices } from '../choices.ts';
import { MB, type Target } from '../target.ts';

const samples = (count: number, depth: number): number[] =>
  Array.from({ length: count }, (_, i) => (i * 40_503 + 7) % 2 ** depth);

const palette: [string, Uint8Array][] = [
  ['PLTE', Uint8Array.from({ length: 48 }, (_, i) => i * 5)],
  ['tRNS', Uint8Array.of(0, 128, 255)],
];

const corpus: readonly Uint8Array[] = [
  encodePng({
    width: 9,
    height: 5,
    data: Uint8Array.from(samples(180, 8), (v, i) => (i % 4 === 3 ? 255 : v)),
  }),
  buildPng({ width: 11, height: 9, colourType: 6, depth: 8, interlaced: true, samples: samples(396, 8) }),
  buildPng({ width: 5, height: 7, colourType: 3, depth: 4, samples: samples(35, 4), extra: palette }),
  buildPng({ width: 20, height: 3, colourType: 0, depth: 1, samples: samples(60, 1) }),
  buildPng({ width: 4, height: 4, colourType: 4, depth: 16, samples: samples(32, 16) }),
  buildPng({ width: 6, height: 4, colourType: 2, depth: 16, interlaced: true, samples: samples(72, 16) }),
];

export const png: Target = {
  name: 'PNG',
  turns: 4,
  // As many pixels as any file may have, in what the decoder makes of each.
  memory: { free: 256 * MB, perByte: 8192 },
  make,
  read: (bytes, name) => pictureToImage(bytes, name, { width: 8, height: 8 }),
};

interface Chunk {
  readonly type: string;
  readonly body: Uint8Array;
}

function make(choices: Choices): Uint8Array {
  const [file, other] = [choices.of(corpus), choices.of(corpus)];
  if (choices.oneIn(5)) return mutateBytes(file, other, choices);
  if (choices.oneIn(40)) return bomb(choices);
  const chunks = chunksOf(file);
  for (let times = choices.amount(3); times > 0; times--) mutateChunks(chunks, chunksOf(other), choices);
  const assembled = pngOf(
    ...chunks.filter(({ type }) => type !== 'IEND').map(({ type, body }) => chunk(type, body)),
  );
  return choices.oneIn(20) ? mutateBytes(assembled, other, choices) : assembled;
}

function mutateChunks(chunks: Chunk[], donors: readonly Chunk[], choices: Choices): void {
  if (chunks.length === 0) return;
  const at = choices.below(chunks.length);
  const { type, body } = chunks[at]!;
  const donor = choices.of(donors);
  switch (choices.below(8)) {
    case 0:
      chunks.splice(at, 1);
      break;
    case 1:
      chunks.splice(at, 0, donor);
      break;
    case 2:
      chunks[at] = {
        type: choices.of(['IHDR', 'IDAT', 'PLTE', 'tRNS', 'gAMA', 'tEXt', 'IEND', 'xxxx']),
        body,
      };
      break;
    case 3:
      chunks.push(...chunks.splice(at, 1));
      break;
    case 4:
      chunks[0] = { type: 'IHDR', body: mutateHeader(chunks[0]!.body, choices) };
      break;
    case 5: {
      const pixels = chunks.findIndex((each) => each.type === 'IDAT');
      if (pixels >= 0) chunks[pixels] = { type: 'IDAT', body: mutatePixels(chunks[pixels]!.body, choices) };
      break;
    }
    default:
      chunks[at] = { type, body: mutateBytes(body, donor.body, choices) };
  }
}

function mutateHeader(body: Uint8Array, choices: Choices): Uint8Array {
  const header = new Uint8Array(13);
  header.set(body.subarray(0, 13));
  if (choices.oneIn(2)) {
    const extent = Math.trunc(Math.abs(choices.of(NUMBERS))) >>> 0;
    new DataView(header.buffer).setUint32(choices.of([0, 4]), extent);
  } else {
    header[8 + choices.below(5)] = choices.of([0, 1, 2, 3, 4, 6, 8, 16, 255]);
  }
  return header;
}

/** Other pixels and filters, or fewer or more than there should be. */
function mutatePixels(body: Uint8Array, choices: Choices): Uint8Array {
  let pixels: Uint8Array;
  try {
    pixels = inflateSync(body);
  } catch {
    return body;
  }
  return deflateSync(mutateBytes(pixels, pixels, choices), { level: 1 });
}

/** An image that is large, of one colour, and whole. */
function bomb(choices: Choices): Uint8Array {
  const side = choices.of([1000, 2048, 3500, 4096, 16_384]);
  const height = choices.of([10, 256, 1024, 3500]);
  const [colourType, depth, bits] = choices.of([
    [0, 1, 1],
    [0, 16, 16],
    [2, 8, 24],
    [6, 16, 64],
  ] as const);
  const header = new Uint8Array(13);
  new DataView(header.buffer).setUint32(0, side);
  new DataView(header.buffer).setUint32(4, height);
  header.set([depth, colourType, 0, 0, 0], 8);
  const bytes = height * (1 + Math.ceil((side * bits) / 8));
  return pngOf(chunk('IHDR', header), chunk('IDAT', deflateSync(new Uint8Array(bytes), { level: 1 })));
}

/** Of a file that is whole. */
function chunksOf(file: Uint8Array): Chunk[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const chunks: Chunk[] = [];
  for (let at = 8; at < file.length; at += 12 + view.getUint32(at)) {
    const type = new TextDecoder('latin1').decode(file.subarray(at + 4, at + 8));
    chunks.push({ type, body: file.subarray(at + 8, at + 8 + view.getUint32(at)) });
  }
  return chunks;
}
