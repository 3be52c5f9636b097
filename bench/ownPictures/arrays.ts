/** The images that a folder of demonstration pictures was made from, as arrays, split as the folder is. */
import { basename, extname } from 'node:path';
import type { Dataset } from '../../src/data/dataset.ts';
import { listPictures } from '../../src/data/pictures/pictureFolder.ts';
import { splitPictures } from '../../src/data/pictures/split.ts';
import { encodeSafetensors, type SafeTensor } from '../../src/formats/safetensors.ts';

/** As `train` splits a folder if it is told nothing. */
const SPLIT = { testSplit: 0.1, validationSplit: 0.2, splitSeed: 0 };

const ARRAYS = { train: 'train', validation: 'val', test: 'test' } as const;

/**
 * @param set  whose first images of each class are in the folder, called by their numbers
 * @returns a safetensors file with x_train, y_train, x_val, …
 */
export async function arraysOf(folder: string, set: Dataset): Promise<Uint8Array> {
  const listed = await listPictures(folder);
  const indices = listed.classNames.map((name) => {
    const label = set.classNames.indexOf(name);
    return [...set.labels.keys()].filter((index) => set.labels[index] === label);
  });
  const { height, width, channels } = set;
  const size = height * width * channels;
  const tensors = new Map<string, SafeTensor>();
  for (const [part, pictures] of Object.entries(splitPictures(listed, SPLIT))) {
    const name = ARRAYS[part as keyof typeof ARRAYS];
    const images = new Uint8Array(pictures.length * size);
    pictures.forEach(({ path, label }, i) => {
      const index = indices[label]![Number(basename(path, extname(path)))]!;
      images.set(set.images.subarray(index * size, (index + 1) * size), i * size);
    });
    const labels = Uint8Array.from(pictures, ({ label }) => label);
    tensors.set(`x_${name}`, {
      dtype: 'U8',
      shape: [pictures.length, height, width, channels],
      data: images,
    });
    tensors.set(`y_${name}`, { dtype: 'U8', shape: [pictures.length], data: labels });
  }
  return encodeSafetensors(tensors, { classNames: JSON.stringify(listed.classNames) });
}
