import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as limits from '../../src/limits.ts';

const page = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');

describe('the page about security', () => {
  const rows = [...page.matchAll(/^\| `([\w()]+)` +\| ([\d,]+) +\|(.*)\|$/gm)].map(
    ([, name, value, text]) => [name!, Number(value!.replaceAll(',', '')), text!] as const,
  );

  it('has the limits that there are', () => {
    const actual = Object.entries(limits).map(([name, limit]) =>
      typeof limit === 'number' ? [name, limit] : [`${name}(0)`, limit(0)],
    );
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(actual as [string, number][]));
  });

  it('says how they grow with the file', () => {
    for (const [name, , text] of rows) {
      const limit = Object.entries(limits).find(([each]) => `${each}(0)` === name)?.[1];
      if (typeof limit === 'function') expect(text).toContain(` ${limit(1) - limit(0)} more for each byte`);
    }
  });
});
