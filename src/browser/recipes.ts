/** The recipes that the page offers. Pure. */
import { presetNamed } from '../networks/registry.ts';
import { RECIPES } from '../recipes/registry.ts';
import type { RecipeChoice } from './protocol.ts';
import { TUTORIAL } from './settings.ts';

/** All but the tutorial's, which the settings begin with. */
export function recipeChoices(): RecipeChoice[] {
  return RECIPES.filter(({ name }) => name !== TUTORIAL).map((recipe) => {
    const { name, description, network, epochs, batchSize, validationSplit } = recipe;
    const { inputShape, classes } = presetNamed(network);
    const { dropRemainder } = recipe.plan({ inputShape, classes, images: 50_000 }).fit;
    return { name, description, epochs, batchSize, validationSplit, dropRemainder };
  });
}
