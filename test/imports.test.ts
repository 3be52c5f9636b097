/** Which folders may know of which: imports point one way. */
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { posix } from 'node:path';
import { expect, it } from 'vitest';

const source = fileURLToPath(new URL('../src/', import.meta.url));

/** None knows one that stands behind it. */
const ORDER = ['engine', 'nn', 'networks', 'training', 'recipes', 'exchange', 'cli', 'browser'];

/** Nothing of networks, however they are made or trained. */
const KNOW_NO_NETWORKS = ['data', 'files', 'formats', 'plot'];

/** What a file imports, at once or later, by its path below src/. */
async function importsOf(file: string): Promise<string[]> {
  const text = await readFile(source + file, 'utf8');
  const named = [...text.matchAll(/(?:\bfrom |\bimport\(|^import )'(\.[^']+)'/gm)];
  return named.map(([, path]) => posix.join(posix.dirname(file), path!));
}

const folderOf = (file: string): string => file.split('/')[0]!;

it('from one folder of src to another point one way', async () => {
  const files = (await readdir(source, { recursive: true })).map((name) => name.replaceAll('\\', '/'));
  const wrong: string[] = [];
  for (const file of files.filter((name) => name.endsWith('.ts'))) {
    const from = folderOf(file);
    const forbidden = KNOW_NO_NETWORKS.includes(from) ? ORDER : ORDER.slice(ORDER.indexOf(from) + 1);
    if (!KNOW_NO_NETWORKS.includes(from) && !ORDER.includes(from)) continue;
    for (const imported of await importsOf(file))
      if (forbidden.includes(folderOf(imported))) wrong.push(`${file} imports ${imported}`);
  }
  expect(wrong).toEqual([]);
});
