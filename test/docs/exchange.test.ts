/** docs/exchange.md has the tables that the code makes; `npm run docs` writes them anew. */
import { describe, expect, it } from 'vitest';
import { EXCHANGE_FORMATS } from '../../src/exchange/format.ts';
import { layerTypes } from '../../src/nn/layers/registry.ts';
import { read } from './document.ts';
import { layersTable, operatorsTable, withTables } from './exchangeTables.ts';

const page = read('docs/exchange.md');

describe('docs/exchange.md', () => {
  it('has what each layer becomes', async () => {
    const table = await layersTable();
    for (const type of layerTypes()) expect(table).toContain(`| \`${type}\` `);
    expect(page).toContain(table);
  });

  it('has the operators of ONNX that are read', () => {
    expect(page).toContain(operatorsTable());
  });

  it('would not be written otherwise', async () => {
    expect(await withTables(page)).toBe(page);
  });

  it('has every format by its extension', () => {
    for (const { extensions } of Object.values(EXCHANGE_FORMATS)) {
      expect(page).toContain(extensions[0]);
    }
  });
});
