/** Which recipe, and which options it takes the place of. */
import { OptionError } from '../../errors.ts';
import type { Recipe } from '../../recipes/recipe.ts';
import { recipe, RECIPES } from '../../recipes/registry.ts';
import { nearest } from '../../suggest.ts';
import { optimizerOptions } from '../optimizerOptions.ts';
import { camelCase, optional, type Check } from '../options.ts';
import type { TrainValues } from './surroundings.ts';

const NAMES = RECIPES.map(({ name }) => name);

const recipeName: Check<string> = (value, name) => {
  if (NAMES.includes(value)) return value;
  const meant = nearest(value, NAMES);
  throw new OptionError(
    `--${name} must be ${NAMES.slice(0, -1).join(', ')} or ${NAMES.at(-1)!}, not ${JSON.stringify(value)}.${meant ? ` Did you mean ${meant}?` : ''}`,
  );
};

export const recipeOptions = {
  recipe: optional(
    'Network:',
    `A network with all that its training needs: ${RECIPES.map(({ name, description }) => `${name} (${description})`).join(', ')}.`,
    recipeName,
  ),
};

/** What a recipe decides. The mean and the deviation of the images it may leave to --normalize. */
export const INSTEAD_OF_RECIPE: readonly string[] = [
  ...[
    'network',
    'dropout',
    'init',
    'from',
    'augment',
    'freeze',
    'unfreeze-after',
    'no-shuffle',
    'label-smoothing',
  ],
  ...Object.keys(optimizerOptions),
  ...['early-stopping', 'reduce-lr-on-plateau'],
];

/** The recipe that was chosen, if any. */
export function chosenRecipe({ recipe: name }: Pick<TrainValues, 'recipe'>): Recipe | undefined {
  return name === undefined ? undefined : recipe(name);
}

/**
 * The options with what the recipe says of epochs, batch size and validation, where nothing else is given.
 * @param given  the names of the options that were given
 * @throws OptionError for one that the recipe takes the place of
 */
export function withRecipe(values: TrainValues, given: ReadonlySet<string>): TrainValues {
  const chosen = chosenRecipe(values);
  if (!chosen) return values;
  const other = INSTEAD_OF_RECIPE.find(
    (name) => given.has(name) && values[camelCase(name) as keyof TrainValues] !== false,
  );
  if (other !== undefined) {
    throw new OptionError(
      `--${other} does not go with --recipe ${chosen.name}, which has a say in that itself: leave out one of the two.`,
    );
  }
  const own = {
    ...(!given.has('epochs') && { epochs: chosen.epochs }),
    ...(!given.has('batch-size') && { batchSize: chosen.batchSize }),
    ...(!given.has('validation-split') && { validationSplit: chosen.validationSplit }),
  };
  return { ...values, ...own };
}

/** The options as run.json has them: nothing of what the recipe decides. */
export function withoutRecipes(
  options: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const left = new Set(INSTEAD_OF_RECIPE.map(camelCase));
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => [key, left.has(key) ? null : value]),
  );
}
