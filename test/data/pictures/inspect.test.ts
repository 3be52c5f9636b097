import { expect, it } from 'vitest';
import { inspectPictures } from '../../../src/data/pictures/inspect.ts';
import { listPictures } from '../../../src/data/pictures/pictureFolder.ts';
import { splitPictures } from '../../../src/data/pictures/split.ts';
import { encodePng } from '../../../src/formats/png.ts';
import { emptyFolder, picture, writeAll } from './folder.ts';
import { buildPng } from '../../formats/pngBuilder.ts';

it('tells what is in a folder', async () => {
  const root = await emptyFolder();
  const same = picture(0, 'same');
  const grey = Array.from({ length: 12 }, (_, i) => i * 20);
  const rgba = Uint8Array.from(grey.flatMap((value) => [value, value, value, 255]));
  await writeAll(root, {
    'train/a/1.png': same,
    'train/a/2.png': same,
    'train/a/3.png': picture(0, '3', 40, 10),
    'train/b/1.png': picture(1, '1', 20, 30),
    'train/b/broken.png': 'no picture',
    'train/b/notes.txt': 'x',
    'val/b/1.png': same,
    'test/a/1.png': encodePng({ width: 4, height: 3, data: rgba }),
    'test/b/1.jpg': buildPng({ width: 4, height: 3, colourType: 0, depth: 8, samples: grey }),
  });
  const folder = await listPictures(root);
  const parts = splitPictures(folder, { testSplit: 0.1, validationSplit: 0.2, splitSeed: 0 });
  const { report, samples } = await inspectPictures(folder, parts, {});
  expect(report).toEqual({
    folder: root,
    pictures: 8,
    classes: [
      { name: 'a', train: 3, validation: 0, test: 1 },
      { name: 'b', train: 2, validation: 1, test: 1 },
    ],
    formats: { png: 7 },
    width: { min: 4, median: 16, max: 40 },
    height: { min: 3, median: 16, max: 30 },
    unreadable: [
      {
        path: 'train/b/broken.png',
        reason: expect.stringMatching(/broken\.png is not a PNG, JPEG or WebP file/) as string,
      },
    ],
    passedOver: ['train/b/notes.txt'],
    sameFiles: [
      {
        paths: ['train/a/1.png', 'train/a/2.png', 'val/b/1.png'],
        acrossParts: true,
        acrossClasses: true,
      },
    ],
    samePixels: [{ paths: ['test/a/1.png', 'test/b/1.jpg'], acrossParts: false, acrossClasses: true }],
  });
  expect([samples!.count, samples!.images.length]).toEqual([7, 7 * 64 * 64 * 3]);
});

it('tells of a folder in which nothing can be read', async () => {
  const root = await emptyFolder();
  await writeAll(root, { 'a/1.png': 'x', 'b/1.png': '' });
  const folder = await listPictures(root);
  const parts = splitPictures(folder, { testSplit: 0.1, validationSplit: 0.2, splitSeed: 0 });
  const { report, samples } = await inspectPictures(folder, parts, {});
  expect(report.unreadable.map(({ path }) => path)).toEqual(['a/1.png', 'b/1.png']);
  expect([report.width, samples]).toEqual([undefined, undefined]);
});
