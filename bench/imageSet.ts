/** The images that everything is measured on, once they are there. Knows no files: pages use it too. */
import type { Dataset } from '../src/data/dataset.ts';

/** What stands in for CIFAR-10 where it is not. */
export const DRAWN = 'drawn shapes (CIFAR-10 was not found)';

let opened: Dataset | undefined;

/** Measures on these from now on. */
export function useImages(images: Dataset): void {
  opened = images;
}

/** Those that are measured on. */
export function openedImages(): Dataset {
  if (!opened) throw new Error('useImages comes first.');
  return opened;
}

export interface Batch {
  /** [size, height, width, channels] */
  readonly images: Uint8Array;
  /** [size] */
  readonly labels: Dataset['labels'];
}

/** How many batches of `size` images there are. */
export function batchCount(size: number): number {
  return Math.floor(openedImages().count / size);
}

/** Batch number `index` of `size` images. They come again when all have had their turn. */
export function batch(index: number, size: number): Batch {
  const { images, labels, height, width, channels } = openedImages();
  const begin = (index % batchCount(size)) * size;
  const bytes = height * width * channels;
  return {
    images: images.subarray(begin * bytes, (begin + size) * bytes),
    labels: labels.subarray(begin, begin + size),
  };
}
