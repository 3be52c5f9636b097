/**
 * Compiles every target of asconfig.json whose output is older than the sources, and prints their sizes; writes down what
 * arguments the kernels take.
 */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { moveConstants } from './constants.mjs';
import { writeKernels } from './signatures.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const {
  targets,
  options: { memoryBase },
} = JSON.parse(await readFile(join(root, 'asconfig.json'), 'utf8'));
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

for (const [target, { outFile, use }] of Object.entries(targets)) {
  const built = await stat(join(root, outFile)).catch(() => undefined);
  if (!built || built.mtimeMs < newest) {
    // What only tests call is in no other build.
    const more = target === 'debug' ? ['assembly/random/lines.ts'] : [];
    const outputs = [];
    const { error, stderr } = await asc.main([...more, '--target', target, '--baseDir', root], {
      writeFile: (name, contents) => outputs.push([name, contents]),
    });
    if (error) {
      console.error(`${stderr.toString()}\n${target}: ${error.message}`);
      process.exit(1);
    }
    for (const [path, contents] of outputs) {
      await mkdir(dirname(path), { recursive: true });
      // The debug build stays as it is written, so that tests compare the two. Where vectors are joined, registers are few.
      const few = use.includes('WIDE=1') ? 0 : 8;
      const binary = target === 'debug' ? contents : moveConstants(contents, { end: memoryBase, few });
      await writeFile(path, binary);
    }
  }
  const { size } = await stat(join(root, outFile));
  console.log(`${outFile.padEnd(32)} ${size.toLocaleString('en').padStart(8)} bytes`);
}
