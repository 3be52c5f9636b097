/** docs/recipes.md says which recipes there are, what they decide, and what a program calls. */
import { describe, expect, it } from 'vitest';
import { command as evaluate } from '../../src/cli/commands/evaluate.ts';
import { command as predict } from '../../src/cli/commands/predict.ts';
import { INSTEAD_OF_RECIPE } from '../../src/cli/train/recipeOptions.ts';
import { trainOptions } from '../../src/cli/train/trainOptions.ts';
import * as simdnet from '../../src/index.ts';
import { chapter, inBackticks, read, tableRows } from './document.ts';

const page = read('docs/recipes.md');
const optionsIn = (text: string): string[] =>
  [...text.matchAll(/--([a-z][a-z-]*)/g)].map(([, name]) => name!);

describe('docs/recipes.md', () => {
  it('has all recipes, with their settings', () => {
    const { RECIPES } = simdnet;
    const rows = tableRows(page).map(([name, network, ...settings]) => [
      inBackticks(name!)[0],
      inBackticks(network!)[0],
      ...settings.slice(0, 4).map(Number),
    ]);
    expect(rows).toEqual(
      RECIPES.map(({ name, network, epochs, batchSize, validationSplit, views }) => [
        name,
        network,
        epochs,
        batchSize,
        validationSplit,
        views.length,
      ]),
    );
  });

  it('names options that there are, and all that a recipe decides', () => {
    const known = Object.keys({ ...trainOptions, ...evaluate.options, ...predict.options });
    for (const name of optionsIn(page)) expect(known).toContain(name);
    const decided = /something else:\n\n([\s\S]*?)\n\n/.exec(page.replaceAll(/\n(?=called)/g, ' '))![1]!;
    expect(optionsIn(decided).sort()).toEqual([...INSTEAD_OF_RECIPE].sort());
  });

  it('has the six views', () => {
    const weights = tableRows(chapter(page, '### Views')).map(([, weight]) => weight);
    const two = ([views, each]: [number, string | undefined]): number => views / Number(each!.slice(2));
    expect(weights.reduce((sum, weight) => sum + two([2, weight]), 0)).toBe(1);
    expect(simdnet.SIX_VIEWS).toHaveLength(2 * weights.length);
  });

  it('calls what there is, in the order of a plan', () => {
    const [, example] = /```ts\n([\s\S]*?)```/.exec(page)!;
    const [, imported] = /import \{ (.*) \} from 'simdnet'/.exec(example!)!;
    for (const name of imported!.split(', ')) {
      expect(simdnet).toHaveProperty(name);
      expect(example!.split(name).length).toBeGreaterThan(2);
    }
    const task = { inputShape: [32, 32, 3], classes: 10, images: 50000 };
    const plan = simdnet.recipe('airbench94').plan(task);
    const members = tableRows(chapter(page, '## In a program')).map(
      ([member]) => /^\w+/.exec(inBackticks(member!)[0]!)![0],
    );
    expect(members.sort()).toEqual(Object.keys(plan).sort());
    for (const member of members) expect(example).toContain(`plan.${member}`);
    const fit = tableRows(chapter(page, '## In a program')).find(([member]) => member === '`fit`')![1]!;
    expect(inBackticks(fit).slice(0, -1).sort()).toEqual(Object.keys(plan.fit).sort());
  });
});
