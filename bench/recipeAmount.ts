/** How much a recipe trains: as `fit` counts it, so that speeds can be told of it. */
import type { RecipePlan } from '../src/recipes/recipe.ts';

export interface RecipeAmount {
  /** Training steps of all epochs. */
  readonly steps: number;
  /** Images of all epochs, each as often as it is trained on. */
  readonly images: number;
}

/** @param images  how many there are, those to validate with included */
export function recipeAmount({ fit }: Pick<RecipePlan, 'fit'>, images: number): RecipeAmount {
  const { epochs, batchSize, validationSplit, dropRemainder } = fit;
  const trained = Math.floor(images * (1 - validationSplit));
  const whole = Math.floor(trained / batchSize);
  return dropRemainder
    ? { steps: whole * epochs, images: whole * batchSize * epochs }
    : { steps: Math.ceil(trained / batchSize) * epochs, images: trained * epochs };
}
