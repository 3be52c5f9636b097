/** The datasets that the commands work on, by the names that `--dataset` takes. */
import { join } from 'node:path';
import { shapesClassNames, generateShapes } from '../data/shapes.ts';
import { cifar10Channels, cifar10ClassNames, cifar10Side, cifar10TestFile } from '../data/cifar10Format.ts';
import type { Dataset } from '../data/dataset.ts';
import { shapesChannels, shapesSide } from '../data/shapes/render.ts';
import { DataError, OptionError } from '../errors.ts';
import { fileSize } from '../files/readFile.ts';
import type { Task } from './fits.ts';
import { oneOf, optional, text, withDefault } from './options.ts';
import type { Terminal } from './terminal.ts';

export type DatasetName = 'cifar10' | 'shapes';

/** Which shapes are drawn does not depend on `--seed`: runs with different seeds are to differ in the training only. */
const SHAPES_SEED = 0;

/** How many test images {@link generateShapes} draws by default. */
const SHAPES_TEST_COUNT = 1_000;

/** The options that choose a dataset. */
export const datasetOptions = {
  dataset: withDefault(
    'Data:',
    'cifar10, or shapes, which are drawn by simdnet itself.',
    oneOf<DatasetName>('cifar10', 'shapes'),
    'cifar10',
  ),
  'data-dir': optional('Data:', 'The folder of the CIFAR-10 files.', text, 'CIFAR10_DIR, or else the cache'),
};

export interface DatasetChoice {
  readonly dataset: DatasetName;
  readonly dataDir: string | undefined;
}

export interface LoadedSplit {
  readonly train: Dataset;
  /** Undefined if the folder has no test file. */
  readonly test: Dataset | undefined;
  /** Where the images are from, for people. */
  readonly source: string;
}

export interface LoadOptions {
  /** Shows the progress of a download; without it, nothing is downloaded. */
  readonly download?: { readonly terminal: Terminal; readonly signal?: AbortSignal };
}

/** @throws OptionError if the options do not go together */
export function checkChoice({ dataset, dataDir }: DatasetChoice): void {
  if (dataset === 'shapes' && dataDir !== undefined) {
    throw new OptionError('--data-dir is for --dataset cifar10: shapes are not read from files.');
  }
}

/** The training images and, if there are any, the test images. @throws DataError */
export async function loadSplit(choice: DatasetChoice, options: LoadOptions): Promise<LoadedSplit> {
  if (choice.dataset === 'shapes')
    return { ...generateShapes({ seed: SHAPES_SEED }), source: 'drawn by simdnet' };
  const dir = await locate(choice, options);
  const { readCifar10Test, readCifar10Train } = await import('../data/cifar10.ts');
  const hasTest = (await fileSize(join(dir, cifar10TestFile))) !== undefined;
  // The test file first: it is the small one, so that a damaged one is found out at once.
  const test = hasTest ? await readCifar10Test(dir) : undefined;
  return { train: await readCifar10Train(dir), test, source: dir };
}

/** The test images. @throws DataError */
export async function loadTest(
  choice: DatasetChoice,
  options: LoadOptions,
): Promise<{ test: Dataset; source: string }> {
  if (choice.dataset === 'shapes') {
    return { test: generateShapes({ seed: SHAPES_SEED, trainCount: 1 }).test, source: 'drawn by simdnet' };
  }
  const dir = await locate(choice, options);
  const { readCifar10Test } = await import('../data/cifar10.ts');
  return { test: await readCifar10Test(dir), source: dir };
}

/** One test image, without reading more than it. @throws OptionError if there is no such image; DataError */
export async function loadTestImage(choice: DatasetChoice, index: number): Promise<Dataset> {
  if (choice.dataset === 'shapes') {
    if (index < 0 || index >= SHAPES_TEST_COUNT) {
      throw new OptionError(
        `There is no test image ${index}: --index must be from 0 to ${SHAPES_TEST_COUNT - 1}, since there are ${SHAPES_TEST_COUNT}.`,
      );
    }
    return slice((await loadTest(choice, {})).test, index, index + 1);
  }
  const dir = await locate(choice, {});
  const { readCifar10TestImage } = await import('../data/cifar10.ts');
  return readCifar10TestImage(dir, index);
}

/** The images [begin, end), without copying. */
export function slice(set: Dataset, begin: number, end: number): Dataset {
  const size = set.height * set.width * set.channels;
  return {
    ...set,
    images: set.images.subarray(begin * size, end * size),
    labels: set.labels.subarray(begin, end),
    count: end - begin,
  };
}

/** What is known of a dataset without reading it. */
export function taskOf(dataset: DatasetName): Task & { readonly classNames: readonly string[] } {
  const classNames = classNamesOf(dataset);
  const inputShape =
    dataset === 'shapes'
      ? [shapesSide, shapesSide, shapesChannels]
      : [cifar10Side, cifar10Side, cifar10Channels];
  return { name: dataset, inputShape, classes: classNames.length, classNames };
}

export function classNamesOf(dataset: DatasetName): readonly string[] {
  return dataset === 'shapes' ? shapesClassNames : cifar10ClassNames;
}

/** The folder of the CIFAR-10 files. */
export async function locate(choice: DatasetChoice, { download }: LoadOptions): Promise<string> {
  checkChoice(choice);
  const { locateCifar10 } = await import('../data/locate.ts');
  const { dataDir } = choice;
  if (!download) return locateCifar10({ dataDir, download: false });
  const { trackDownload } = await import('./downloadProgress.ts');
  return trackDownload(download.terminal, download.signal, (options) =>
    locateCifar10({ dataDir, download: options }).catch((cause: unknown) => {
      options.signal?.throwIfAborted();
      if (!(cause instanceof DataError) || dataDir !== undefined) throw cause;
      throw new DataError(
        `${cause.message}. Or name a folder that has the files with --data-dir; --dataset shapes needs none`,
        { cause },
      );
    }),
  );
}
