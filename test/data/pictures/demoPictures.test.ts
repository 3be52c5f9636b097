/** The demonstration pictures: the same bytes each time, and PNG files that give the images back. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { toPixels } from '../../../src/data/pictures/pixels.ts';
import { generateShapes } from '../../../src/data/shapes.ts';
import { decodePng } from '../../../src/formats/png.ts';
import { demoPictures } from '../../demoPictures/command.ts';
import { makeDemoPictures } from '../../demoPictures/make.ts';
import { emptyFolder, writeAll } from './folder.ts';

const set = generateShapes({ seed: 0, trainCount: 200 }).train;

async function filesOf(folder: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const files = new Map<string, Buffer>();
  for (const path of paths.sort()) files.set(path.slice(folder.length + 1), await readFile(path));
  return files;
}

it('are the images, once they are cut and averaged', async () => {
  const folder = await emptyFolder();
  expect(await makeDemoPictures(folder, set, { perClass: 14, pngOnly: true })).toBe(140);
  const files = await filesOf(folder);
  const sizes = new Set<string>();
  set.classNames.forEach((name, label) => {
    const indices = [...set.labels.keys()].filter((i) => set.labels[i] === label).slice(0, 14);
    indices.forEach((index, number) => {
      const image = decodePng(files.get(join(name, `${String(number).padStart(4, '0')}.png`))!, name);
      sizes.add(`${image.width}x${image.height}`);
      const pixels = toPixels(image, { width: 32, height: 32, fit: 'crop' });
      expect(
        Buffer.compare(pixels, set.images.subarray(index * 3072, (index + 1) * 3072)),
        `${name} ${number}`,
      ).toBe(0);
    });
  });
  expect(sizes.size).toBe(6);
});

it('are the same bytes each time, half of them JPEG', async () => {
  const [one, other] = [await emptyFolder(), await emptyFolder()];
  for (const folder of [one, other]) await makeDemoPictures(folder, set, { perClass: 4 });
  const files = await filesOf(one);
  expect(files).toEqual(await filesOf(other));
  const jpeg = [...files].filter(([path]) => path.endsWith('.jpg'));
  expect([files.size, jpeg.length]).toEqual([40, 20]);
  for (const [, bytes] of jpeg) expect(bytes.subarray(0, 3).toString('hex')).toBe('ffd8ff');
});

it.each([
  [[], 'OptionError', /^Name the folder to make/],
  [
    ['--out', 'x', '--per-class', 'many'],
    'OptionError',
    /^--per-class must be a whole number from 1 to 5000, not "many"/,
  ],
  [['--out', 'x', '--per-class', '0'], 'OptionError', /--per-class must be/],
  [['--out', 'x', '--per-class', ''], 'OptionError', /--per-class must be/],
  [['--out', 'x', '--per-klass', '3'], 'OptionError', /'--per-klass'/],
])('are not made for %j', async (args, name, message) => {
  await expect(demoPictures(args)).rejects.toMatchObject({
    name,
    message: expect.stringMatching(message) as string,
  });
});

it('are not made where something is already, or without CIFAR-10', async () => {
  const folder = await emptyFolder();
  const missing = ['--data-dir', join(folder, 'none')];
  await expect(demoPictures(['--out', folder, ...missing])).rejects.toMatchObject({ name: 'DataError' });
  await writeAll(folder, { 'note.txt': '' });
  const refused = (out: string) => expect(demoPictures(['--out', out, ...missing])).rejects;
  await refused(folder).toThrow(`${folder} has something in it: remove it, or name another folder`);
  await refused(join(folder, 'note.txt')).toThrow('note.txt is a file; name another folder');
  expect(await readdir(folder)).toEqual(['note.txt']);
});
