/** Several looks at each image, for `--tta`. */
import { RECIPES } from '../recipes/registry.ts';
import { SIX_VIEWS, type View, type ViewsEvaluation } from '../recipes/views.ts';
import { flag } from './options.ts';
import { runBeside } from './runBeside.ts';
import type { Terminal } from './terminal.ts';

export const ttaOption = {
  tta: flag(
    'Model:',
    'Look at each image several times, mirrored and moved, and average: as the recipe of the run says, else in six views.',
  ),
};

/** How a model looks at images: as the recipe has it that it was trained by. @param model  the path of its file */
export async function viewsFor(model: string): Promise<readonly View[]> {
  const run = await runBeside(model);
  const { views = [] } = RECIPES.find(({ name }) => name === run?.record.options.recipe) ?? {};
  // One that looks once leaves it to us.
  return views.length > 1 ? views : SIX_VIEWS;
}

/** Such as "Test accuracy over 6 views = 0.9403". @param what  was looked at */
export function viewsText(what: string, { accuracy, views }: ViewsEvaluation, terminal: Terminal): string {
  const over = views === 1 ? '1 view' : `${views} views`;
  return `${what} accuracy over ${over} = ${terminal.paint('bold', accuracy.toFixed(4))}`;
}
