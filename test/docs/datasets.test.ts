import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DATASETS } from '../../src/cli/datasets.ts';
import { downloadBytes, variablesOf } from '../../src/data/published.ts';

const page = readFileSync(new URL('../../docs/datasets.md', import.meta.url), 'utf8');
const published = DATASETS.flatMap((each) => each.published ?? []);

describe('the page about datasets', () => {
  it.each(DATASETS.map(({ name, path }) => (path ? `${name}:${path.placeholder}` : name)))(
    'has %s',
    (usage) => {
      expect(page).toMatch(new RegExp(`^\\| \`${usage}\``, 'm'));
    },
  );

  it.each(published)(
    'says where $set.title is from, how large it is, and what names another place',
    (each) => {
      const { set, trainCount, testCount } = each;
      const row = page.split('\n').find((line) => line.startsWith(`| \`${set.name}\``))!;
      expect(row).toContain(
        `${new URL(set.downloads[0]!.url).host}, ${Math.round(downloadBytes(set) / 1e6)} MB`,
      );
      expect(row).toContain(`| ${(trainCount + testCount).toLocaleString('en')} `);
      for (const variable of Object.values(variablesOf(set))) expect(page).toContain(`\`${variable}\``);
    },
  );
});
