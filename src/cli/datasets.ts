/** The datasets that the commands work on, by the names that `--dataset` takes. */
import { join } from 'node:path';
import { shapesClassNames, generateShapes } from '../data/shapes.ts';
import { cifar10Channels, cifar10ClassNames, cifar10Side, cifar10TestFile } from '../data/cifar10Format.ts';
import type { Dataset, LabelledImages } from '../data/dataset.ts';
import { shapesChannels, shapesSide } from '../data/shapes/render.ts';
import { DataError, OptionError } from '../errors.ts';
import { fileSize } from '../files/readFile.ts';
import { areStored, sliceStored } from '../training/storedImages.ts';
import type { Task } from './fits.ts';
import { oneOf, optional, text, withDefault, type Check } from './options.ts';
import type { FolderChoice, FolderRecord } from './pictures/folderDataset.ts';
import {
  folderName,
  folderPath,
  isFolderName,
  mustHaveNoFolderOptions,
  type FolderName,
  type FolderValues,
} from './pictures/folderOptions.ts';
import type { Terminal } from './terminal.ts';

/** Those that are the same for everybody. */
export type KnownDataset = 'cifar10' | 'shapes';

export type DatasetName = KnownDataset | FolderName;

/** Which shapes are drawn does not depend on `--seed`: runs with different seeds are to differ in the training only. */
const SHAPES_SEED = 0;

/** How many test images {@link generateShapes} draws by default. */
const SHAPES_TEST_COUNT = 1_000;

const datasetName: Check<DatasetName> = (value, name) =>
  isFolderName(value) && folderPath(value) !== ''
    ? folderName(folderPath(value))
    : oneOf<KnownDataset>('cifar10', 'shapes')(value, name);

/** The options that choose a dataset. */
export const datasetOptions = {
  dataset: withDefault<DatasetName>(
    'Data:',
    'cifar10, or shapes, which are drawn by simdnet itself.',
    datasetName,
    'cifar10',
  ),
  'data-dir': optional('Data:', 'The folder of the CIFAR-10 files.', text, 'CIFAR10_DIR, or else the cache'),
};

export interface DatasetChoice extends Partial<FolderValues> {
  readonly dataset: DatasetName;
  readonly dataDir: string | undefined;
  readonly validationSplit?: number;
}

export interface LoadedSplit {
  readonly train: LabelledImages;
  /** Null if there are none; undefined if they are to be a part of the training images. */
  readonly validation?: LabelledImages | null;
  /** Undefined if there are none. */
  readonly test: LabelledImages | undefined;
  /** Where the images are from, for people. */
  readonly source: string;
  /** Of a folder of pictures. */
  readonly pictures?: FolderRecord;
  /** No more images will be read. */
  readonly close?: () => Promise<void>;
}

export interface LoadOptions {
  /** Shows the progress of a download; without it, nothing is downloaded. */
  readonly download?: { readonly terminal: Terminal; readonly signal?: AbortSignal };
  /** Shows the progress of the decoding of pictures. */
  readonly decoding?: { readonly terminal: Terminal; readonly signal?: AbortSignal };
}

/** @throws OptionError if the options do not go together */
export function checkChoice({ dataset, dataDir, ...folder }: DatasetChoice): void {
  if (isFolderName(dataset)) {
    if (dataDir === undefined) return;
    throw new OptionError(
      '--data-dir is for --dataset cifar10: of a folder of pictures, name the folder itself.',
    );
  }
  mustHaveNoFolderOptions(folder);
  if (dataset === 'shapes' && dataDir !== undefined) {
    throw new OptionError('--data-dir is for --dataset cifar10: shapes are not read from files.');
  }
}

/** The training images and, if there are any, the test images. @throws DataError */
export async function loadSplit(choice: DatasetChoice, options: LoadOptions): Promise<LoadedSplit> {
  if (isFolder(choice)) {
    const { loadFolder } = await import('./pictures/folderDataset.ts');
    return loadFolder(choice, options.decoding);
  }
  if (choice.dataset === 'shapes')
    return { ...generateShapes({ seed: SHAPES_SEED }), source: 'drawn by simdnet' };
  const dir = await locate(choice, options);
  const { readCifar10Test, readCifar10Train } = await import('../data/cifar10.ts');
  const hasTest = (await fileSize(join(dir, cifar10TestFile))) !== undefined;
  // The test file first: it is the small one, so that a damaged one is found out at once.
  const test = hasTest ? await readCifar10Test(dir) : undefined;
  return { train: await readCifar10Train(dir), test, source: dir };
}

/** The test images of a dataset that is the same for everybody. @throws DataError */
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
  if (mustBeKnown(choice.dataset) === 'shapes') {
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
export function slice<T extends LabelledImages>(set: T, begin: number, end: number): T {
  const size = set.height * set.width * set.channels;
  const { images } = set;
  return {
    ...set,
    images: areStored(images)
      ? sliceStored(images, begin, (end - begin) * size)
      : images.subarray(begin * size, end * size),
    labels: set.labels.subarray(begin, end),
    count: end - begin,
  };
}

/** Some of the images, in memory. */
export async function gathered(set: LabelledImages, indices: readonly number[]): Promise<Dataset> {
  const size = set.height * set.width * set.channels;
  const images = new Uint8Array(indices.length * size);
  if (areStored(set.images)) await set.images.read(Uint32Array.from(indices), images);
  else
    for (const [i, index] of indices.entries())
      images.set(set.images.subarray(index * size, (index + 1) * size), i * size);
  return {
    ...set,
    images,
    labels: Uint8Array.from(indices, (index) => set.labels[index]!),
    count: indices.length,
  };
}

/** What there is to learn, before any image is read, but for some pictures of a folder. @throws DataError */
export async function taskOf(
  choice: DatasetChoice,
  { decoding }: LoadOptions = {},
): Promise<Task & { readonly classNames: readonly string[] }> {
  if (!isFolder(choice)) return knownTask(choice.dataset as KnownDataset);
  const { folderTask } = await import('./pictures/folderDataset.ts');
  return folderTask(choice, decoding);
}

/** The choice with all that decides which images there will be. @throws DataError */
export async function settled<T extends DatasetChoice>(choice: T, { decoding }: LoadOptions): Promise<T> {
  if (!isFolder(choice)) return choice;
  const { withImageSize } = await import('./pictures/folderDataset.ts');
  return withImageSize(choice, decoding);
}

export function isFolder<T extends DatasetChoice>(choice: T): choice is T & FolderChoice {
  return isFolderName(choice.dataset);
}

/** A dataset of which single test images can be named. @throws OptionError for a folder */
export function mustBeKnown(dataset: DatasetName): KnownDataset {
  if (!isFolderName(dataset)) return dataset;
  throw new OptionError(`Name pictures instead of the folder ${folderPath(dataset)}.`);
}

/** What is known of a dataset without reading it. */
export function knownTask(dataset: KnownDataset): Task & { readonly classNames: readonly string[] } {
  const classNames = classNamesOf(dataset);
  const inputShape =
    dataset === 'shapes'
      ? [shapesSide, shapesSide, shapesChannels]
      : [cifar10Side, cifar10Side, cifar10Channels];
  return { name: dataset, inputShape, classes: classNames.length, classNames };
}

export function classNamesOf(dataset: KnownDataset): readonly string[] {
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
