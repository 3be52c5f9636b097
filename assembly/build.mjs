/**
 * Compiles every target of asconfig.json whose output is older than the sources, and prints their sizes; writes down what
 * arguments the kernels take.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { writeKernels } from './signatures.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const { targets } = JSON.parse(await readFile(join(root, 'asconfig.json'), 'utf8'));
// Folders count too: a file that is gone changes nothing else.
const sources = (await readdir(join(root, 'assembly'), { recursive: true })).map(
  (name) => `assembly/${name}`,
);
const changed = await Promise.all(
  ['assembly', ...sources, 'asconfig.json', 'package-lock.json'].map(
    async (path) => (await stat(join(root, path))).mtimeMs,
  ),
);
const newest = Math.max(...changed);
await writeKernels(root);

for (const [target, { outFile }] of Object.entries(targets)) {
  const built = await stat(join(root, outFile)).catch(() => undefined);
  if (!built || built.mtimeMs < newest) {
    // What only tests call is in no other build.
    const more = target === 'debug' ? ['assembly/random/lines.ts'] : [];
    const { error, stderr } = await asc.main([...more, '--target', target, '--baseDir', root]);
    if (error) {
      console.error(`${stderr.toString()}\n${target}: ${error.message}`);
      process.exit(1);
    }
  }
  const { size } = await stat(join(root, outFile));
  console.log(`${outFile.padEnd(32)} ${size.toLocaleString('en').padStart(8)} bytes`);
}
