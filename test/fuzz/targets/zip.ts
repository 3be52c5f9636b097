/** Zip files of pictures, as the page reads them. */
import { byClass } from '../../../src/browser/pictures/found.ts';
import { unzipPictures } from '../../../src/browser/pictures/zip.ts';
import { zipOf, type ZipEntry } from '../../formats/npyBuilder.ts';
import { mutateBytes } from '../bytes.ts';
import { NUMBERS, type Choices } from '../choices.ts';
import { MB, type Target } from '../target.ts';

const content = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * i) % 251);

const corpus: readonly (readonly ZipEntry[])[] = [
  [
    { name: 'pets/', content: content(0) },
    { name: 'pets/cat/1.jpg', content: content(500), descriptor: true, deflated: true },
    { name: '__MACOSX/pets/cat/._1.jpg', content: content(9), descriptor: true },
    { name: 'pets/dog/2.png', content: content(30), descriptor: true, deflated: true },
  ],
  [
    { name: Uint8Array.of(0x6b, 0x84, 0x74, 0x7a, 0x5c, 0x31, 0x2e, 0x6a, 0x70, 0x67), content: content(20) },
    { name: 'hünd/3.webp', content: content(40), flags: 0x800 },
    { name: 'hünd/Thumbs.db', content: content(40), flags: 0x800 },
  ],
];

const NAMES = [
  '../1.jpg',
  '/1.jpg',
  'C:\\1.jpg',
  '.jpg',
  '',
  '__proto__/1.jpg',
  '//.jpg',
  'a\0b/1.jpg',
  'x/'.repeat(3e4),
];

/** Deflated, a thousandth of it. */
const zeros = zipOf([{ name: 'cat/zeros.jpg', content: new Uint8Array(24 * MB), deflated: true }]);

function make(choices: Choices): Uint8Array {
  if (choices.oneIn(30)) return mutateBytes(zeros, zeros, choices);
  const entries = choices.of(corpus).map((entry): ZipEntry => ({
    ...entry,
    ...(choices.oneIn(10) && { name: choices.of(NAMES) }),
    ...(choices.oneIn(20) && { size: Math.trunc(Math.abs(choices.of(NUMBERS))) >>> 0 }),
    ...(choices.oneIn(20) && { checksum: choices.below(2 ** 31) }),
    ...(choices.oneIn(20) && { method: choices.of([0, 8, 9, 12, 99]) }),
    ...(choices.oneIn(20) && { flags: choices.below(2 ** 16) }),
  }));
  if (choices.oneIn(12)) entries.push(choices.of(entries));
  const file = zipOf(entries);
  return choices.oneIn(2) ? mutateBytes(file, zipOf(entries.slice(1)), choices) : file;
}

export const zip: Target = {
  name: 'zip of pictures',
  turns: 2,
  // What it may unpack to, in pieces and as a file.
  memory: { free: 96 * MB, perByte: 64 },
  make,
  read: async (bytes, name) => {
    byClass(await unzipPictures(new Blob([Buffer.from(bytes)]), name), undefined);
  },
};
