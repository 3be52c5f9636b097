/** How many of the images a training takes, and what of them it keeps back to validate with. Pure. */
import type { RecipeChoice, DataSummary } from './protocol.ts';
import type { Settings } from './settings.ts';

/** The share of the training images, from the end, to validate with. */
export const VALIDATION_SPLIT = 0.2;

export type Counts = Pick<DataSummary, 'trainCount' | 'validationCount' | 'testIsValidation'>;

export interface SplitCounts {
  /** How many images are taken, from the first on. */
  readonly taken: number;
  /** How many of them are trained on; the others are to validate with. */
  readonly trained: number;
}

/**
 * @param images  how many are to be taken; all if undefined
 * @param recipe  what is trained by, if not by one's own settings
 */
export function splitCounts(
  { trainCount, validationCount, testIsValidation }: Counts,
  images: number | undefined,
  recipe: Pick<RecipeChoice, 'validationSplit'> | undefined,
): SplitCounts {
  const taken = Math.min(images ?? Infinity, trainCount);
  if (validationCount !== undefined) return { taken, trained: taken };
  // What is tested with at the end must not be trained on.
  const share = recipe && !testIsValidation ? recipe.validationSplit : VALIDATION_SPLIT;
  return { taken, trained: Math.floor(taken * (1 - share)) };
}

/** Steps in an epoch of a training. */
export function stepsAnEpoch(
  counts: Counts,
  { images, batchSize }: Pick<Settings, 'images' | 'batchSize'>,
  recipe: Pick<RecipeChoice, 'validationSplit' | 'dropRemainder'> | undefined,
): number {
  const batches = splitCounts(counts, images, recipe).trained / batchSize;
  return recipe?.dropRemainder ? Math.floor(batches) : Math.ceil(batches);
}
