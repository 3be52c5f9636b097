/** Writes the tables of docs/exchange.md anew: `npm run docs`. */
import { readFile, writeFile } from 'node:fs/promises';
import { withTables } from './exchangeTables.ts';

const page = new URL('../../docs/exchange.md', import.meta.url);
await writeFile(page, await withTables(await readFile(page, 'utf8')));
