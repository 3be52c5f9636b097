import type { LabelledImages } from '../../data/dataset.ts';
import type { Recipe } from '../../recipes/recipe.ts';
import { evaluateViews } from '../../recipes/views.ts';
import type { Model } from '../../training/model.ts';
import type { TestOutcome } from '../protocol.ts';

/** How good the model is as its recipe wants it to be tested; nothing where that looks only once, or there is no recipe. */
export async function testInViews(
  model: Model,
  recipe: Recipe | undefined,
  { images, labels }: LabelledImages,
  batchSize: number,
  onProgress: (done: number, count: number) => void,
): Promise<TestOutcome['views']> {
  if (!recipe || recipe.views.length < 2) return undefined;
  const options = { views: recipe.views, batchSize, onProgress };
  const { accuracy, views } = await evaluateViews(model, images, labels, options);
  return { recipe: recipe.name, accuracy, views };
}
