/**
 * How esbuild bundles simdnet's sources for a browser with the engine inside: its builds, and the worker's program, as
 * the constant that src/platform/embeddedAssets.ts reads.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import zopfli from '@gfx/zopfli';
import { build } from 'esbuild';
import { kernelNames } from '../../assembly/signatures.mjs';
import { editsOf } from './delta.mjs';

/** Deflates better than Node's zlib, which takes a twentieth more bytes. */
const deflate = promisify(zopfli.zlib.bind(zopfli));

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** The builds of the engine that browsers get, each beside the one that it is most like. */
export const ENGINES = ['simd', 'simd-shared', 'relaxed-shared', 'relaxed'];

/** What `inflated` of src/platform/inflated.ts reads back. @param bytes  a buffer */
export async function deflatedText(bytes) {
  return Buffer.from(await deflate(bytes, { numiterations: 5 })).toString('base64');
}

/** @param conditions  further conditions that package.json's imports are resolved by */
export function browserOptions(...conditions) {
  return {
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: ['es2022', 'chrome110', 'firefox115', 'safari16.4'],
    conditions: ['browser', 'simdnet-source', ...conditions],
    legalComments: 'none',
    logLevel: 'warning',
  };
}

/** Builds of the engine as src/platform/embeddedAssets.ts has them. @param names  of these, in this order */
export async function embeddedEngines(names) {
  const engines = await Promise.all(names.map((name) => readFile(`${root}dist/wasm/${name}.wasm`)));
  // The names that it exports are in the bundle already.
  const exported = Buffer.from((await kernelNames(root)).join(''));
  const parts = engines.map((engine, i) => editsOf(engines[i - 1] ?? exported, engine));
  return {
    // The builds are much alike: as edits of each other, together they take little more than one of them.
    engines: await deflatedText(Buffer.concat(parts)),
    builds: names.map((name, i) => [name, engines[i].length, parts[i].length]),
  };
}

/** Options for a bundle that has everything inside. */
export async function embeddedOptions() {
  const { outputFiles } = await build({
    ...browserOptions(),
    entryPoints: ['src/platform/browserWorker.ts'],
    format: 'iife',
    write: false,
  });
  const embedded = { ...(await embeddedEngines(ENGINES)), worker: outputFiles[0].text };
  return { ...browserOptions(), define: { SIMDNET_EMBEDDED: JSON.stringify(embedded) } };
}
