/** Exif metadata in JPEG and WebP files that are right otherwise: whatever they say, the picture is read. */
import { pictureToImage } from '../../../src/data/imageFile.ts';
import { exif as exifOf, fixture, jpegWithExif, webpWithExif } from '../../formats/pictures.ts';
import { joined, mutateBytes } from '../bytes.ts';
import type { Choices } from '../choices.ts';
import { MB, type Target } from '../target.ts';

const jpeg = fixture('422.jpg');
const webp = fixture('lossless.webp');
const SIZE = { width: 31, height: 21 };

export const exif: Target = {
  name: 'Exif',
  turns: 2,
  memory: { free: 64 * MB, perByte: 64 },
  make,
  read: async (bytes, name) => {
    const image = await pictureToImage(bytes, name, { width: 8, height: 8 });
    if (image.length !== 192) throw new Error(`${image.length} values`);
  },
};

function make(choices: Choices): Uint8Array {
  const order = choices.of(['II', 'MM'] as const);
  const tiff = exifOf(choices.below(10), order, choices.of([1, 3, 3, 4]));
  const padded = joined(
    tiff,
    new Uint8Array(choices.of([0, 1, 100, 60_000])).fill(choices.of([0, 0x12, 0xff])),
  );
  const mutated = mutateBytes(padded, tiff, choices).subarray(0, 65_000);
  return choices.oneIn(2) ? jpegWithExif(jpeg, mutated) : webpWithExif(webp, SIZE, mutated);
}
