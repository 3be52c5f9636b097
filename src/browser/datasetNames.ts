/** What the images are called in sentences. */
import type { DatasetName } from './protocol.ts';

export const DATASET_NAMES: Readonly<Record<DatasetName, string>> = {
  shapes: 'the shapes',
  cifar10: 'CIFAR-10',
  pictures: 'your pictures',
};
