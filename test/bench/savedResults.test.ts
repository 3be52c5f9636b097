import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { networksReport, type NetworkFindings } from '../../bench/commands/networksReport.ts';
import { savedRecipeReport } from '../../bench/commands/recipeReport.ts';
import { readResults, toMarkdown, type Report } from '../../bench/report.ts';

const folder = fileURLToPath(new URL('../../bench/results/', import.meta.url));

const REDRAW: readonly (readonly [command: string, redraw: (data: object) => Report])[] = [
  ['networks', (data) => networksReport(data as NetworkFindings)],
  ['recipe', savedRecipeReport],
];

// So that no table is written by hand, nor as a benchmark drew it that has changed since.
describe.each(REDRAW)('bench/results, of %s', (command, redraw) => {
  const files = readdirSync(folder).filter((file) => file.startsWith(command) && file.endsWith('.json'));

  it('are several', () => {
    expect(files.length).toBeGreaterThan(1);
  });

  it.each(files)('%s gives the tables beside it', async (file) => {
    const { name, where, data } = await readResults(folder + file, command);
    expect(`${name}.json`).toBe(file);
    const tables = await readFile(`${folder}${name}.md`, 'utf8');
    expect(toMarkdown(redraw(data), where)).toBe(tables);
  });
});

it('what another command measured is refused', async () => {
  const path = `${folder}kernels.json`;
  await expect(readResults(path, 'recipe')).rejects.toThrow(
    `${path} holds what kernels measured, not recipe.`,
  );
});
