/** The options of folders of pictures. None has a value unless it is given: other datasets must not be given any. */
import { resolve } from 'node:path';
import { FITS, type Size } from '../../data/fitPicture.ts';
import { USUAL_FIT } from '../../data/pictures/pixels.ts';
import { USUAL_SPLIT } from '../../data/pictures/split.ts';
import { OptionError } from '../../errors.ts';
import { MAX_SIDE } from '../../limits.ts';
import { flag, oneOf, optional, share, wholeNumber, type Check, type Values } from '../options.ts';

const GROUP = 'Folders of pictures:';

/** What stands in front of the path, as a value of --dataset. */
const PREFIX = 'folder:';

/** A folder as a value of --dataset. */
export type FolderName = `folder:${string}`;

/** A width, or a width and a height. */
const imageSize: Check<string> = (value, name) => {
  const [, width, height = width] = /^(\d{1,5})(?:[x×](\d{1,5}))?$/.exec(value) ?? [];
  const sides = [Number(width), Number(height)];
  if (sides.every((side) => side >= 1 && side <= MAX_SIDE)) return sides.join('x');
  throw new OptionError(
    `--${name} must be a number of pixels, such as 64, or width and height, such as 64x48, not ${JSON.stringify(value)}.`,
  );
};

/** How to split a folder that has not all of train, val and test. */
export const splitOptions = {
  'test-split': optional(GROUP, 'The share of each class to test with.', share, '0.1'),
  'split-seed': optional(
    GROUP,
    'Of the choice of pictures to validate and to test with.',
    wholeNumber(),
    '0',
  ),
};

/** How pictures become images of one size. */
export const imageSizeOptions = {
  'image-size': optional(
    GROUP,
    'Pixels of the images: a number, or WIDTHxHEIGHT.',
    imageSize,
    'that of all pictures up to 128, else 64',
  ),
  'image-fit': optional(
    GROUP,
    'What becomes of other proportions: crop to the middle, stretch, or fit with black bars.',
    oneOf(...FITS),
    'crop',
  ),
};

/** The same for pictures that a model is shown. */
export const imageFitOption = {
  'image-fit': optional(
    'Model:',
    'What becomes of other proportions: crop to the middle, stretch, or fit with black bars.',
    oneOf(...FITS),
    'as in training, if the model says how; else stretch',
  ),
};

export const folderOptions = {
  ...imageSizeOptions,
  ...splitOptions,
  'skip-unreadable': flag(GROUP, 'Leave out pictures that cannot be read.'),
  'pixel-memory': optional(
    GROUP,
    'How many MiB of pixels to keep in memory; more are kept in the cache folder.',
    wholeNumber(0),
    '1024',
  ),
};

export type FolderValues = Values<typeof folderOptions>;

export const FOLDER_DEFAULTS = {
  imageFit: USUAL_FIT,
  testSplit: USUAL_SPLIT.testSplit,
  splitSeed: USUAL_SPLIT.splitSeed,
  pixelMemory: 1024,
} as const satisfies Partial<FolderValues>;

/** A folder as a value of --dataset, wherever it will be used. */
export function folderName(path: string): FolderName {
  return `${PREFIX}${resolve(path)}`;
}

export function isFolderName(dataset: string): dataset is FolderName {
  return dataset.startsWith(PREFIX);
}

/** The path of the folder. */
export function folderPath(dataset: FolderName): string {
  return dataset.slice(PREFIX.length);
}

export function sizeOf(text: string): Size {
  const [width, height] = text.split('x').map(Number);
  return { width: width!, height: height! };
}

/** @throws OptionError if an option of folders is given without one */
export function mustHaveNoFolderOptions(values: Partial<FolderValues>): void {
  for (const [name, key] of [
    ['image-size', 'imageSize'],
    ['image-fit', 'imageFit'],
    ['test-split', 'testSplit'],
    ['split-seed', 'splitSeed'],
    ['skip-unreadable', 'skipUnreadable'],
    ['pixel-memory', 'pixelMemory'],
  ] as const) {
    if (values[key] === undefined || values[key] === false) continue;
    throw new OptionError(`--${name} is for folders of pictures: name one, or leave it out.`);
  }
}
