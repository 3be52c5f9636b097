/** A folder of pictures as a dataset of the commands. */
import { realpath } from 'node:fs/promises';
import { commonSize } from '../../data/pictures/commonSize.ts';
import { loadPictures, type LoadedPictures } from '../../data/pictures/loadPictures.ts';
import { listPictures, type PartName, type PictureFolder } from '../../data/pictures/pictureFolder.ts';
import { splitPictures, type Parts } from '../../data/pictures/split.ts';
import { cacheFolder } from '../../data/published.ts';
import { DataError, OptionError } from '../../errors.ts';
import { Interrupted } from '../interrupt.ts';
import type { DatasetTask, LoadedSplit, LoadedTest, TestedModel, Watcher } from '../datasets/definition.ts';
import { decodingWatch } from './decoding.ts';
import { optionsBeside } from './optionsBeside.ts';
import { listingOf, type Listing } from './listing.ts';
import { FOLDER_DEFAULTS, folderPath, sizeOf, type FolderName, type FolderValues } from './folderOptions.ts';

/** A folder, and how to take its pictures. */
export type FolderChoice = Partial<FolderValues> & {
  readonly dataset: FolderName;
  readonly validationSplit?: number;
};

/** What run.json tells of a folder. */
export interface FolderRecord {
  readonly imageSize: string;
  /** Pictures of each class. */
  readonly classes: Readonly<Record<string, Readonly<Record<PartName, number>>>>;
  /** What was left out, and why. */
  readonly skipped: readonly string[];
  readonly listing: Listing;
}

const MIB = 1024 * 1024;

/** The choice with the size of the images, which may depend on the pictures. @throws DataError */
export async function withImageSize<T extends FolderChoice>(choice: T, watcher?: Watcher): Promise<T> {
  if (choice.imageSize !== undefined) return choice;
  const folder = await listPictures(folderPath(choice.dataset));
  const { width, height } = await interruptible(watcher, () =>
    commonSize(folder, { signal: watcher?.signal }),
  );
  return { ...choice, imageSize: `${width}x${height}` };
}

/** What there is to learn. @throws DataError */
export async function folderTask(choice: FolderChoice, watcher?: Watcher): Promise<DatasetTask> {
  const { imageSize, imageFit = FOLDER_DEFAULTS.imageFit } = await withImageSize(choice, watcher);
  const { width, height } = sizeOf(imageSize!);
  const { root, classNames } = await listPictures(folderPath(choice.dataset));
  return { name: root, inputShape: [height, width, 3], classes: classNames.length, classNames, imageFit };
}

/** All pictures, split. @throws DataError; the signal's reason */
export async function loadFolder(
  given: FolderChoice,
  watcher?: Watcher,
): Promise<Omit<LoadedSplit, 'testPlace'>> {
  const choice = await withImageSize(given, watcher);
  const folder = await listPictures(folderPath(choice.dataset));
  const parts = splitPictures(folder, splitOf(choice));
  const loaded = await load(folder, parts, ['train', 'validation', 'test'], choice, watcher);
  const { train, validation = null, test } = loaded.sets;
  return {
    train: train!,
    validation,
    test,
    source: folder.root,
    pictures: {
      imageSize: choice.imageSize!,
      classes: countsOf(folder, loaded.sets),
      skipped: loaded.skipped.map(({ reason }) => reason),
      listing: listingOf(folder),
    },
    close: () => loaded.close(),
  };
}

/**
 * The pictures to test a model with: those kept for the test, if the folder has such, or is the one that the model was trained on, or
 * --test-split is given; else all. What is not given is as in the model and in the run.json beside it.
 * @throws DataError, OptionError; the signal's reason
 */
export async function loadFolderTest(
  given: FolderChoice,
  { path, network, classNames, imageFit }: TestedModel,
  watcher?: Watcher,
): Promise<LoadedTest> {
  const { inputShape } = network;
  const [height, width, channels] = inputShape;
  const size = `${width}x${height}`;
  if (channels !== 3)
    throw new OptionError(`${path} takes [${inputShape.join(', ')}], which is no colour image.`);
  if (given.imageSize !== undefined && given.imageSize !== size)
    throw new OptionError(`--image-size: ${path} takes images of ${size}; leave it out.`);
  const folder = await listPictures(folderPath(given.dataset), classNames);
  const options = await optionsBeside(path);
  const same = options.folder !== undefined && (await sameFolder(options.folder, folder.root));
  const choice = {
    ...given,
    imageSize: size,
    imageFit: given.imageFit ?? imageFit ?? options.fit,
    testSplit: given.testSplit ?? (same ? options.testSplit : undefined),
    splitSeed: given.splitSeed ?? (same ? options.splitSeed : undefined),
  };
  const split = splitOf(choice);
  const whole =
    !folder.parts.includes('test') && ((!same && given.testSplit === undefined) || split.testSplit === 0);
  const parts = splitPictures(folder, whole ? { ...split, testSplit: 0, validationSplit: 0 } : split);
  const chosen = whole ? { train: [], validation: [], test: Object.values(parts).flat() } : parts;
  const loaded = await load(folder, chosen, ['test'], choice, watcher);
  const { test } = loaded.sets;
  if (!test) throw new DataError(`${folder.root} has no pictures to test with`);
  const which = whole
    ? 'all pictures'
    : folder.parts.includes('test')
      ? 'its test folder'
      : `its test split of ${split.testSplit}`;
  return {
    test,
    files: loaded.paths.test!,
    source: `${folder.root}, ${which}`,
    skipped: loaded.skipped.map(({ reason }) => reason),
    close: () => loaded.close(),
  };
}

function load(
  folder: PictureFolder,
  parts: Parts,
  wanted: readonly PartName[],
  choice: FolderChoice,
  watcher: Watcher | undefined,
): Promise<LoadedPictures> {
  const { imageFit = FOLDER_DEFAULTS.imageFit, pixelMemory = FOLDER_DEFAULTS.pixelMemory } = choice;
  const options = {
    geometry: { ...sizeOf(choice.imageSize!), fit: imageFit },
    skipUnreadable: choice.skipUnreadable ?? false,
    memoryBytes: pixelMemory * MIB,
    cache: cacheFolder(),
    ...(watcher && decodingWatch(watcher.terminal, watcher.signal)),
  };
  return interruptible(watcher, () => loadPictures(folder, parts, wanted, options));
}

/** @throws Interrupted, saying so */
async function interruptible<T>(watcher: Watcher | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    watcher?.terminal.clear();
    if (!watcher?.signal?.aborted) throw cause;
    throw new Interrupted('Interrupted while pictures were decoded: nothing was trained.', { cause });
  }
}

export function splitOf({
  testSplit = FOLDER_DEFAULTS.testSplit,
  splitSeed = FOLDER_DEFAULTS.splitSeed,
  validationSplit = 0,
}: Pick<FolderChoice, 'testSplit' | 'splitSeed' | 'validationSplit'>) {
  return { testSplit, splitSeed, validationSplit };
}

function countsOf({ classNames }: PictureFolder, sets: LoadedPictures['sets']): FolderRecord['classes'] {
  const counts = classNames.map(() => ({ train: 0, validation: 0, test: 0 }));
  for (const part of ['train', 'validation', 'test'] as const)
    for (const label of sets[part]?.labels ?? []) counts[label]![part]++;
  return Object.fromEntries(classNames.map((name, label) => [name, counts[label]!]));
}

async function sameFolder(...paths: readonly string[]): Promise<boolean> {
  const [one, other] = await Promise.all(paths.map((path) => realpath(path).catch(() => path)));
  return one === other;
}
