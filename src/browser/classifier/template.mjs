/**
 * What `classifierPage` of src/formats/classifierPage.ts completes: a page with its script, style, engine and decoders inside, for a model to be
 * put into. Its policy names the script and the style by their hashes, so that nothing else in it can run.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { browserOptions, deflatedText, embeddedEngines, root } from '../../bundle/embed.mjs';

const require = createRequire(import.meta.url);
const folder = fileURLToPath(new URL('./', import.meta.url));

/** The oldest that have all that the page needs: Chrome 123, Firefox 120, Safari 17.5. */
const TARGET = ['chrome123', 'firefox120', 'safari17.5'];

/** What `classifierPage` fills. Below the script, so that the page is there while a large model is still being read. */
const DATA =
  '<script type="application/json" id="settings">{{settings}}</script>\n' +
  '<script type="text/plain" id="model">{{model}}</script>';

export async function classifierTemplate() {
  const [html, icon, style, script, licences, { version }] = await Promise.all([
    readFile(`${folder}page.html`, 'utf8'),
    readFile(`${folder}../page/icon.svg`),
    bundle('style.css', {}),
    bundle('main.ts', await embedded()),
    readLicences(),
    JSON.parse(await readFile(`${root}package.json`, 'utf8')),
  ]);
  const policy = [
    "default-src 'none'",
    `script-src '${hash(script)}' 'wasm-unsafe-eval'`,
    'worker-src blob:',
    `style-src '${hash(style)}'`,
    'img-src blob: data:',
    'media-src blob: mediastream:',
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const parts = {
    policy,
    version,
    icon: icon.toString('base64'),
    // Whole elements, since a space more would change the hash.
    style: `<style>${style}</style>`,
    script: `<script>${script}</script>`,
    data: DATA,
    licences,
  };
  // Indentation would only be there in every file.
  const lean = html.replace(/^ +/gm, '');
  return lean.replace(/\{\{(\w+)\}\}/g, (placeholder, name) => parts[name] ?? placeholder);
}

/** What SIMDNET_EMBEDDED and SIMDNET_DECODERS stand for: one build of the engine, no worker of its own, and the decoders. */
async function embedded() {
  const read = (path) => readFile(require.resolve(path));
  const decoders = {
    jpeg: await deflatedText(await read('@cwasm/jpeg-turbo/jpeg-turbo.wasm')),
    webp: await deflatedText(await read('@cwasm/webp/webp.wasm')),
  };
  return {
    SIMDNET_EMBEDDED: { ...(await embeddedEngines(['simd'])), worker: '' },
    SIMDNET_DECODERS: decoders,
  };
}

async function bundle(entry, definitions) {
  const { outputFiles } = await build({
    ...browserOptions('simdnet-one-file'),
    entryPoints: [folder + entry],
    format: 'iife',
    target: TARGET,
    define: Object.fromEntries(
      Object.entries(definitions).map(([name, value]) => [name, JSON.stringify(value)]),
    ),
    // The addresses of decoders beside the script are not used here.
    logOverride: { 'empty-import-meta': 'silent' },
    write: false,
  });
  const text = outputFiles[0].text.trim();
  if (/<!--|<\/?(script|style)|\{\{\w+\}\}/i.test(text))
    throw new Error(`${entry} cannot stand in a page as it is.`);
  return text;
}

/** Whatever is in the page must travel with its licence. */
async function readLicences() {
  const texts = await Promise.all(
    [`${root}LICENSE`, `${folder}../decoders-LICENSE.txt`].map((path) => readFile(path, 'utf8')),
  );
  const text = `simdnet\n\n${texts.join('\n\n').trim()}`;
  if (text.includes('--')) throw new Error('The licences cannot stand in a comment.');
  return text;
}

/** As a Content-Security-Policy names it. */
function hash(text) {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
