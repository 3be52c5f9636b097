/** The images that everything is measured on: those of CIFAR-10 where they are on this machine, otherwise drawn shapes. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cifar10TrainFiles, decodeCifar10 } from '../src/data/cifar10Format.ts';
import type { Dataset } from '../src/data/dataset.ts';
import { locateCifar10 } from '../src/data/locate.ts';
import { generateShapes } from '../src/data/shapes.ts';
import { DataError } from '../src/errors.ts';
import { readWhole } from '../src/formats/readFile.ts';

/** Beside the project, where it is neither named nor in the cache. */
const BESIDE = fileURLToPath(new URL('../../shared', import.meta.url));

/** As many shapes as CIFAR-10's first file has images. */
const SHAPES = 10_000;

/** What is opened: a folder of CIFAR-10, or undefined for drawn shapes. */
export type ImageSource = string | undefined;

let opened: { readonly source: ImageSource; readonly images: Dataset } | undefined;

/**
 * The folder of CIFAR-10: `dataDir`, $CIFAR10_DIR, the cache, or `shared` beside the project.
 * @throws DataError if one that was named has no CIFAR-10
 */
export async function findImages(dataDir?: string): Promise<ImageSource> {
  try {
    return await locateCifar10({ dataDir, download: false });
  } catch (error) {
    if (!(error instanceof DataError) || dataDir !== undefined || process.env.CIFAR10_DIR) throw error;
  }
  return locateCifar10({ dataDir: BESIDE }).catch(() => undefined);
}

/** Reads or draws what is measured from now on: CIFAR-10's first training file, or as many shapes. @throws DataError */
export async function openImages(source: ImageSource): Promise<void> {
  if (source === undefined) {
    const { train: images } = generateShapes({ seed: 0, trainCount: SHAPES, testCount: 1 });
    opened = { source, images };
    return;
  }
  const path = join(source, cifar10TrainFiles[0]!);
  opened = { source, images: decodeCifar10(await readWhole(path), path) };
}

/** Which images are open. */
export function imageSource(): ImageSource {
  return open().source;
}

/** "10000 images of CIFAR-10". */
export function describeImages(): string {
  const { source, images } = open();
  return `${images.count} ${source === undefined ? 'drawn shapes (CIFAR-10 was not found)' : 'images of CIFAR-10'}`;
}

export interface Batch {
  /** [size, height, width, channels] */
  readonly images: Uint8Array;
  /** [size] */
  readonly labels: Uint8Array;
}

/** How many batches of `size` images there are. */
export function batchCount(size: number): number {
  return Math.floor(open().images.count / size);
}

/** Batch number `index` of `size` images. They come again when all have had their turn. */
export function batch(index: number, size: number): Batch {
  const { images, labels, height, width, channels } = open().images;
  const begin = (index % batchCount(size)) * size;
  const bytes = height * width * channels;
  return {
    images: images.subarray(begin * bytes, (begin + size) * bytes),
    labels: labels.subarray(begin, begin + size),
  };
}

function open(): NonNullable<typeof opened> {
  if (!opened) throw new Error('openImages comes first.');
  return opened;
}
