/** The images that there are: what the page is told of them, and pictures of some. */
import type { Dataset } from '../../data/dataset.ts';
import { generateShapes } from '../../data/shapes.ts';
import { slice } from '../../data/slice.ts';
import type { Classified } from '../../evaluation/classification.ts';
import type { DatasetName, DataSummary, LabelledTiles, RecipeChoice, Tiles } from '../protocol.ts';
import { splitCounts, VALIDATION_SPLIT } from '../split.ts';
import { readCifar10Files, type ChosenFile, type OnProgress } from './cifar10Files.ts';

/** The same as the command line's, so that its models can be tested here. */
const SHAPES_SEED = 0;

export interface Data {
  readonly name: DatasetName;
  readonly train: Dataset;
  /** What to validate with, if that is not to be taken from the end of the training images. */
  readonly validation?: Dataset | undefined;
  readonly test: Dataset;
  readonly testIsValidation: boolean;
  /** By which they are told from others of the same name. */
  readonly identity?: string | undefined;
}

export interface TrainingSets {
  readonly train: Dataset;
  /** May be none. */
  readonly validation: Dataset;
}

/**
 * What to train on and what to validate with.
 * @param images  how many of the training images to take; all if undefined
 * @param recipe  what is trained by, if not by one's own settings
 */
export function trainingSets(
  data: Data,
  images: number | undefined,
  recipe: Pick<RecipeChoice, 'validationSplit'> | undefined,
): TrainingSets {
  const { train, validation } = data;
  const { taken, trained } = splitCounts(summarizeData(data), images, recipe);
  return { train: slice(train, 0, trained), validation: validation ?? slice(train, trained, taken) };
}

export function drawShapes(): Data {
  return { name: 'shapes', ...generateShapes({ seed: SHAPES_SEED }), testIsValidation: false };
}

/** @throws DataError as readCifar10Files does */
export async function loadCifar10(files: readonly ChosenFile[], onProgress: OnProgress): Promise<Data> {
  const { train, test } = await readCifar10Files(files, onProgress);
  const validation = Math.floor(train.count * (1 - VALIDATION_SPLIT));
  return {
    name: 'cifar10',
    train,
    test: test ?? slice(train, validation, train.count),
    testIsValidation: !test,
  };
}

export function summarizeData(data: Data): DataSummary {
  const { name, train, validation, test, testIsValidation, identity } = data;
  return {
    name,
    classNames: train.classNames,
    trainCount: train.count,
    validationCount: validation?.count,
    testCount: test.count,
    testIsValidation,
    identity,
  };
}

/** The first images of every class, class by class. */
export function samplesOf(set: Dataset, perClass: number): LabelledTiles {
  const indices = set.classNames.flatMap((_, label) => {
    const found: number[] = [];
    for (let i = 0; i < set.count && found.length < perClass; i++) {
      if (set.labels[i] === label) found.push(i);
    }
    return found;
  });
  return labelledTiles(set, indices);
}

/** @param classified  what the network says of the whole set; @param total  how many there would be in all */
export function labelledTiles(
  set: Dataset,
  indices: readonly number[],
  classified?: Classified,
  total = indices.length,
): LabelledTiles {
  return {
    ...tilesOf(set, indices),
    labels: indices.map((i) => set.labels[i]!),
    ...(classified && {
      predicted: indices.map((i) => classified.predicted[i]!),
      confidence: indices.map((i) => classified.confidence[i]!),
    }),
    total,
  };
}

/** Pictures of images with red, green and blue. */
export function tilesOf(
  { images, height, width }: Pick<Dataset, 'images' | 'height' | 'width'>,
  indices: readonly number[],
): Tiles {
  const pixelCount = height * width;
  const pixels = new Uint8ClampedArray(indices.length * pixelCount * 4);
  indices.forEach((index, tile) => {
    for (let i = 0; i < pixelCount; i++) {
      const from = (index * pixelCount + i) * 3;
      const to = (tile * pixelCount + i) * 4;
      pixels[to] = images[from]!;
      pixels[to + 1] = images[from + 1]!;
      pixels[to + 2] = images[from + 2]!;
      pixels[to + 3] = 255;
    }
  });
  return { height, width, indices: [...indices], pixels };
}
