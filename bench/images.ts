/** Which images everything is measured on: those of CIFAR-10 where they are on this machine, otherwise drawn shapes. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cifar10TrainFiles, decodeCifar10 } from '../src/data/cifar10Format.ts';
import { locateCifar10 } from '../src/data/locate.ts';
import { generateShapes } from '../src/data/shapes.ts';
import { DataError } from '../src/errors.ts';
import { readWhole } from '../src/files/readFile.ts';
import { DRAWN, openedImages, useImages } from './imageSet.ts';

/** Beside the project, where it is neither named nor in the cache. */
const BESIDE = fileURLToPath(new URL('../../shared', import.meta.url));

/** As many shapes as CIFAR-10's first file has images. */
const SHAPES = 10_000;

/** What is opened: a folder of CIFAR-10, or undefined for drawn shapes. */
export type ImageSource = string | undefined;

let source: ImageSource;

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
export async function openImages(from: ImageSource): Promise<void> {
  source = from;
  if (from === undefined) {
    useImages(generateShapes({ seed: 0, trainCount: SHAPES, testCount: 1 }).train);
    return;
  }
  const path = join(from, cifar10TrainFiles[0]!);
  useImages(decodeCifar10(await readWhole(path), path));
}

/** Where the open images are from. */
export function imageSource(): ImageSource {
  return source;
}

/** "10000 images of CIFAR-10". */
export function describeImages(): string {
  const what = source === undefined ? DRAWN : 'images of CIFAR-10';
  return `${openedImages().count} ${what}`;
}
