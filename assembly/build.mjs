/** Compiles every target of asconfig.json whose output is older than the sources, and prints their sizes. */
import { readdir, readFile, stat } from 'node:fs/promises';
import asc from 'assemblyscript/asc';

const root = new URL('../', import.meta.url);
const { targets } = JSON.parse(await readFile(new URL('asconfig.json', root), 'utf8'));
const sources = (await readdir(new URL('assembly/', root))).map((name) => `assembly/${name}`);
const changed = await Promise.all(
  [...sources, 'asconfig.json', 'package-lock.json'].map(
    async (path) => (await stat(new URL(path, root))).mtimeMs,
  ),
);
const newest = Math.max(...changed);

for (const [target, { outFile }] of Object.entries(targets)) {
  const built = await stat(new URL(outFile, root)).catch(() => undefined);
  if (!built || built.mtimeMs < newest) {
    const { error, stderr } = await asc.main(['--target', target, '--baseDir', root.pathname]);
    if (error) {
      console.error(`${stderr.toString()}\n${target}: ${error.message}`);
      process.exit(1);
    }
  }
  const { size } = await stat(new URL(outFile, root));
  console.log(`${outFile.padEnd(32)} ${size.toLocaleString('en').padStart(8)} bytes`);
}
