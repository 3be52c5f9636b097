import { expect, it } from 'vitest';
import { grey } from '../../src/data/grey.ts';
import { pictureToImage } from '../../src/data/imageFile.ts';
import { encodePng } from '../../src/formats/png.ts';

it('makes colours grey as Pillow does', () => {
  // Image.new('RGB', (1, 1), colour).convert('L').getpixel((0, 0)), by Pillow.
  const colours = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 12, 200, 77, 128, 128, 128, 0, 0, 0];
  expect([...grey(Uint8Array.from(colours))]).toEqual([76, 150, 29, 255, 130, 128, 0]);
});

it('makes a PNG into a grey image of a size', async () => {
  const red = Uint8Array.from({ length: 4 * 4 * 4 }, (_, i) => (i % 4 === 0 || i % 4 === 3 ? 255 : 0));
  const png = encodePng({ width: 4, height: 4, data: red });
  const image = await pictureToImage(png, 'f', { width: 3, height: 2, channels: 1 });
  expect([...image]).toEqual([76, 76, 76, 76, 76, 76]);
});
