/** The recipes: one line each. */
import { OptionError } from '../errors.ts';
import { quoted } from '../quoted.ts';
import { nearest } from '../suggest.ts';
import { airbench94, airbench94Sgd, airbench95 } from './airbench.ts';
import type { Recipe } from './recipe.ts';
import { tutorial } from './tutorial.ts';

/** The recipes that there are, quickest first. */
export const RECIPES: readonly Recipe[] = [tutorial, airbench94, airbench94Sgd, airbench95];

/** @throws OptionError if there is no recipe of that name */
export function recipe(name: string): Recipe {
  const found = RECIPES.find((each) => each.name === name);
  if (found) return found;
  const names = RECIPES.map((each) => each.name);
  const meant = nearest(name, names);
  throw new OptionError(
    `There is no recipe ${quoted(name)}${meant ? `; did you mean "${meant}"?` : `; there are ${names.slice(0, -1).join(', ')} and ${names.at(-1)!}.`}`,
  );
}
