/**
 * Bundles the library for browsers, and prints the sizes: dist/browser/simdnet.js with everything inside, and
 * dist/browser/streaming/ with the engine and the worker in files of their own; dist/browser/exchange.js, which both load when a model of
 * another program is read or written; and dist/export/classifier.html, the page that `simdnet export --to html` puts models into.
 */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { classifierTemplate } from '../browser/classifier/template.mjs';
import { browserOptions, embeddedOptions, ENGINES, root } from './embed.mjs';

/** The most that a page may have to load, in bytes and with gzip; test/browser/bundles.test.ts has the same number. */
const LIMIT = 116 * 1024;

const folder = join(root, 'dist/browser');
const streaming = join(folder, 'streaming');
await mkdir(streaming, { recursive: true });

/** Leaves exchange.js out of a bundle. @param path  where it is, seen from the bundle */
const exchangeAt = (path) => ({
  name: 'exchange',
  setup({ onResolve }) {
    onResolve({ filter: /\/exchange\/conversion\.ts$/ }, () => ({ path, external: true }));
  },
});

const embedded = await embeddedOptions();
await build({
  ...embedded,
  conditions: [...embedded.conditions, 'simdnet-bundle'],
  plugins: [exchangeAt('./exchange.js')],
  entryPoints: ['src/portable.ts'],
  outfile: join(folder, 'simdnet.js'),
});
await build({
  ...browserOptions('simdnet-streaming', 'simdnet-bundle'),
  // One for both: the package is small enough to be installed without a thought, and is to stay so.
  plugins: [exchangeAt('../exchange.js')],
  entryPoints: { simdnet: 'src/portable.ts', worker: 'src/platform/browserWorker.ts' },
  outdir: streaming,
});
for (const name of ENGINES)
  await copyFile(join(root, `dist/wasm/${name}.wasm`), join(streaming, `${name}.wasm`));

await buildExchange();

const template = await classifierTemplate();
await mkdir(join(root, 'dist/export'), { recursive: true });
await writeFile(join(root, 'dist/export/classifier.html'), template);

await report('dist/browser/simdnet.js', [join(folder, 'simdnet.js')]);
// A page fetches one engine of the four: the last one here is as large as any, but for a few bytes.
await report(
  'dist/browser/streaming/, one engine',
  ['simdnet.js', 'worker.js', `${ENGINES.at(-1)}.wasm`].map((name) => join(streaming, name)),
);

await report('dist/browser/exchange.js', [join(folder, 'exchange.js')]);

console.log(
  `${'dist/export/classifier.html'.padEnd(36)} ${Buffer.byteLength(template).toLocaleString('en').padStart(8)} bytes`,
);

/** The readers and writers of other programs' files, and the licences of the packages in them. */
async function buildExchange() {
  const { metafile } = await build({
    ...browserOptions(),
    entryPoints: ['src/exchange/conversion.ts'],
    outfile: join(folder, 'exchange.js'),
    banner: { js: '/*! The licences of the packages in here are beside it: exchange-LICENSE.txt. */' },
    metafile: true,
  });
  const packages = Object.keys(metafile.inputs).map(
    (path) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)(?=\/)/.exec(path) ?? [],
  );
  const folders = new Map(packages.map(([path, name]) => [name, path]).filter(([name]) => name));
  const licences = [...folders].map(async ([name, path]) => {
    const text = await readFile(join(root, path, 'LICENSE'), 'utf8');
    return `${name}\n\n${text.trim()}\n`;
  });
  await writeFile(join(folder, 'exchange-LICENSE.txt'), (await Promise.all(licences)).join('\n\n'));
}

/** Prints what some files take together, and ends with an error if that is too much. */
async function report(title, paths) {
  const files = await Promise.all(paths.map((path) => readFile(path)));
  const sum = (sizes) => sizes.reduce((total, size) => total + size, 0);
  const raw = sum(files.map((file) => file.length));
  const gzip = sum(files.map((file) => gzipSync(file, { level: 9 }).length));
  const bytes = (count) => count.toLocaleString('en').padStart(8);
  console.log(`${title.padEnd(36)} ${bytes(raw)} bytes, ${bytes(gzip)} with gzip`);
  if (gzip > LIMIT) {
    console.error(`${title} takes more than ${LIMIT.toLocaleString('en')} bytes with gzip.`);
    process.exitCode = 1;
  }
}
