/** What a recipe is to be made for, checked. */
import { OptionError } from '../errors.ts';
import { numberIn, positive, refuseUnknown } from '../nn/layers/options.ts';
import type { CompleteTask, Recipe, RecipeTask } from './recipe.ts';

const OPTIONS = ['inputShape', 'classes', 'images', 'epochs', 'batchSize', 'validationSplit'];

/** With the recipe's own of what is not given. @throws OptionError for an option out of range or not known */
export function completeTask(
  recipe: Pick<Recipe, 'name' | 'epochs' | 'batchSize' | 'validationSplit'>,
  task: RecipeTask,
): CompleteTask {
  const { name } = recipe;
  refuseUnknown(name, task, OPTIONS);
  const { inputShape, classes } = task;
  const images = positive(name, 'images', task.images);
  const epochs = positive(name, 'epochs', task.epochs ?? recipe.epochs);
  const batchSize = positive(name, 'batchSize', task.batchSize ?? recipe.batchSize);
  const share = task.validationSplit ?? recipe.validationSplit;
  const validationSplit = numberIn(name, 'validationSplit', share, 0, 1);
  const trained = Math.floor(images * (1 - validationSplit));
  if (trained === 0)
    throw new OptionError(`${name}: a validationSplit of ${validationSplit} leaves no image to train on.`);
  return { inputShape, classes, images, epochs, batchSize, validationSplit, trained };
}
