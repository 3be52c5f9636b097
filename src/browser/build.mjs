/**
 * Builds the page into dist/demo, or into the folder that is named: a folder of static files without absolute addresses, to be hosted anywhere.
 * esbuild, because tsx and the browser builds of the library have it already, and the page needs nothing more: modules
 * bundled by the conditions of package.json.
 */
import { copyFileSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { classifierTemplate } from './classifier/template.mjs';

const require = createRequire(import.meta.url);
const source = fileURLToPath(new URL('./', import.meta.url));
const root = join(source, '../..');
const target = process.argv[2] ?? join(root, 'dist/demo');

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });

const common = {
  bundle: true,
  minify: true,
  outdir: target,
  // The oldest that have all that the page needs: Chrome 123, Firefox 120, Safari 17.5.
  target: ['chrome123', 'firefox120', 'safari17.5'],
  conditions: ['simdnet-streaming', 'simdnet-source'],
  legalComments: 'linked',
  logLevel: 'warning',
};

await build({
  ...common,
  format: 'esm',
  entryPoints: {
    page: join(source, 'page/main.ts'),
    style: join(source, 'page/style.css'),
    trainer: join(source, 'trainer/main.ts'),
    plotter: join(source, 'plotter.ts'),
    worker: join(root, 'src/platform/browserWorker.ts'),
  },
  loader: { '.woff2': 'file' },
  assetNames: '[name]',
});
await build({ ...common, format: 'iife', entryPoints: [join(source, 'serviceWorker.ts')] });

for (const name of ['index.html', 'icon.svg']) copyFileSync(join(source, 'page', name), join(target, name));
for (const name of ['simd', 'relaxed', 'simd-shared', 'relaxed-shared']) {
  copyFileSync(join(root, `dist/wasm/${name}.wasm`), join(target, `${name}.wasm`));
}
// Beside the program that fetches them; see src/platform/browserDecoders.ts.
for (const path of ['@cwasm/jpeg-turbo/jpeg-turbo.wasm', '@cwasm/webp/webp.wasm']) {
  copyFileSync(require.resolve(path), join(target, basename(path)));
}
// What a model is saved as a page with.
writeFileSync(join(target, 'classifier.html'), await classifierTemplate());
// The font and the libraries must travel with their licences, which are not all in their code.
copyFileSync(join(source, 'decoders-LICENSE.txt'), join(target, 'decoders-LICENSE.txt'));
for (const [name, packageName] of [
  ['Inter', '@fontsource-variable/inter'],
  ['idb', 'idb'],
  ['zip.js', '@zip.js/zip.js'],
]) {
  const folder = dirname(require.resolve(`${packageName}/package.json`));
  copyFileSync(join(folder, 'LICENSE'), join(target, `${name}-LICENSE.txt`));
}

for (const name of readdirSync(target).sort()) {
  const path = join(target, name);
  const bytes = statSync(path).size.toLocaleString('en').padStart(9);
  console.log(`${relative(root, path).padEnd(44)} ${bytes} bytes`);
}
