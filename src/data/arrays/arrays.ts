/** Datasets in one file of arrays: npz or safetensors. */
import { DataError } from '../../errors.ts';
import { quoted } from '../../quoted.ts';
import { PARTS, storedDataset, type Part, type StoredDataset, type StoredPart } from '../stored.ts';
import type { ArrayFile } from './arrayFile.ts';
import { openNpz } from './npz.ts';
import { openSafetensors } from './safetensors.ts';
import { readLabels, readPixels } from './values.ts';

/** What the arrays of a part may be called: as Keras, MedMNIST and others call them. */
const NAMES: Readonly<Record<Part, readonly (readonly [images: string, labels: string])[]>> = {
  train: [
    ['x_train', 'y_train'],
    ['train_images', 'train_labels'],
    ['images', 'labels'],
  ],
  validation: [
    ['x_val', 'y_val'],
    ['val_images', 'val_labels'],
  ],
  test: [
    ['x_test', 'y_test'],
    ['test_images', 'test_labels'],
  ],
};

const FORMATS = { npz: openNpz, safetensors: openSafetensors };
export type ArrayFormat = keyof typeof FORMATS;

/**
 * Opens a file of arrays: x_train and y_train, or train_images and train_labels, or images and labels; and the same for what is to
 * be validated (x_val, val_images) and tested with (x_test, test_images), if it is there.
 *
 * @throws DataError if it cannot be read, or has no images; FormatError if it is damaged, or its arrays are no images and labels
 */
export async function openArrays(path: string, format: ArrayFormat): Promise<StoredDataset> {
  const file = await FORMATS[format](path, Object.values(NAMES).flat(2));
  const parts = new Map<Part, StoredPart>();
  for (const part of PARTS) {
    const stored = await partOf(file, part, path);
    if (stored) parts.set(part, stored);
  }
  if (parts.size > 0) return storedDataset(parts, [path], file.classNames);
  const there = file.names.length > 0 ? file.names.map(quoted).join(', ') : 'none';
  throw new DataError(
    `${path} has no images: arrays called x_train and y_train, or images and labels, are looked for, and there are ${there}`,
  );
}

async function partOf({ arrays }: ArrayFile, part: Part, path: string): Promise<StoredPart | undefined> {
  for (const [images, labels] of NAMES[part]) {
    const [imageArray, labelArray] = [arrays.get(images), arrays.get(labels)];
    if (!imageArray && !labelArray) continue;
    if (!imageArray || !labelArray) {
      const [there, lacking] = imageArray ? [images, labels] : [labels, images];
      throw new DataError(`${path} has an array ${there}, but none called ${lacking}: save both`);
    }
    const [imagesName, labelsName] = [`${path}: ${images}`, `${path}: ${labels}`];
    return {
      imageShape: imageArray.shape,
      labels: await readLabels(labelArray, labelsName),
      imagesName,
      labelsName,
      readImages: () => readPixels(imageArray, imagesName),
    };
  }
  return undefined;
}
