/** The bundles as files: what is in them, and what other bundlers leave of them. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as inNode from '../../src/index.ts';
import * as portable from '../../src/portable.ts';
import type { Model } from '../../src/portable.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = `${root}dist/browser/`;

const FILES = [
  'exchange-LICENSE.txt',
  'exchange.js',
  'simdnet.js',
  'streaming/relaxed-shared.wasm',
  'streaming/relaxed.wasm',
  'streaming/simd-shared.wasm',
  'streaming/simd.wasm',
  'streaming/simdnet.js',
  'streaming/worker.js',
];
const ENGINES = ['relaxed', 'relaxed-shared', 'simd', 'simd-shared'];
const SCRIPTS = FILES.filter((name) => name.endsWith('.js'));

const gzipSize = (content: Uint8Array | string): number => gzipSync(content, { level: 9 }).length;

/** What esbuild makes of a program that imports the library. */
async function bundle(program: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: root },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
  });
  return outputFiles[0]!.text;
}

/** What a program that was bundled makes of a model that goes out and comes back. @param splitting  whether into several files */
async function exchanged({ name, splitting }: { name: string; splitting: boolean }): Promise<Exchanged> {
  const program = `
    import { conv2d, exportModel, flatten, FormatError, importModel, sequential } from '${name}';
    const layers = [conv2d({ filters: 2, kernelSize: 3, inputShape: [5, 5, 3] }), flatten()];
    export const there = sequential(layers, { threads: 1 });
    const [{ content }] = await exportModel(there, { format: 'onnx' });
    export const back = await importModel(content, { threads: 1 });
    export const failure = await importModel(content.subarray(0, 100)).catch((error) => error);
    export const isKnown = failure instanceof FormatError;`;
  const outdir = await mkdtemp(join(tmpdir(), 'simdnet-bundle-'));
  onTestFinished(() => rm(outdir, { recursive: true }));
  await build({
    stdin: { contents: program, resolveDir: root },
    bundle: true,
    splitting,
    format: 'esm',
    platform: 'browser',
    outdir,
    outExtension: { '.js': '.mjs' },
  });
  return (await import(join(outdir, 'stdin.mjs'))) as Exchanged;
}

interface Exchanged {
  readonly there: Model;
  readonly back: Model;
  readonly failure: unknown;
  readonly isKnown: boolean;
}

describe('the bundles', () => {
  it('are these files, and no others', async () => {
    const all = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = all.filter((entry) => entry.isFile());
    const names = files.map(({ parentPath, name }) =>
      `${parentPath}/${name}`.slice(folder.length).replace(/^\//, ''),
    );
    expect(names.sort()).toEqual(FILES);
  });

  it.each(SCRIPTS)('%s has nothing of Node in it, and nothing of this machine', async (name) => {
    const text = await readFile(folder + name, 'utf8');
    expect(text).not.toMatch(/["'`]node:|\brequire\(|process\.|Buffer\.from|__dirname/);
    expect(text).not.toContain(root);
    expect(text).not.toMatch(/#platform|#assets|#exchange|SIMDNET_EMBEDDED/);
  });

  it('have a page load at most 116 KB with gzip', async () => {
    const size = async (name: string): Promise<number> => gzipSize(await readFile(folder + name));
    expect(await size('simdnet.js')).toBeLessThan(116 * 1024);
    const [script, worker, ...engines] = await Promise.all(
      ['simdnet.js', 'worker.js', ...ENGINES.map((name) => `${name}.wasm`)].map((name) =>
        size(`streaming/${name}`),
      ),
    );
    // One engine of the four.
    expect(script! + worker! + Math.max(...engines)).toBeLessThan(116 * 1024);
    // What reads and writes models of other programs is fetched when it is needed.
    expect(await size('exchange.js')).toBeLessThan(116 * 1024);
  });

  it('are as large as the README says, and so is the engine in them', async () => {
    const readme = await readFile(`${root}README.md`, 'utf8');
    const kilobytes = async (name: string): Promise<number> =>
      Math.round((await readFile(folder + name)).length / 1024);
    expect(readme).toContain(`engine of ${await kilobytes('streaming/relaxed.wasm')} KB`);
    expect(readme).toContain(`One file of ${await kilobytes('simdnet.js')} KB (`);
  });

  it('have a program that uses the tutorial’s layers only take at most 91 KB, engine and all', async () => {
    const text = await bundle(`
      import { adam, conv2d, dense, flatten, generateShapes, maxPooling2d, sequential } from 'simdnet';
      const model = sequential([
        conv2d({ filters: 32, kernelSize: 3, activation: 'relu', inputShape: [32, 32, 3] }),
        maxPooling2d({ poolSize: 2 }),
        flatten(),
        dense({ units: 10, activation: 'softmax' }),
      ]);
      model.compile({ optimizer: adam(), loss: 'sparseCategoricalCrossentropy' });
      const { images, labels } = generateShapes({ count: 100, seed: 1 });
      await model.fit(images, labels, { epochs: 1 });`);
    expect(text).not.toContain('exchange.js');
    expect(gzipSize(text)).toBeLessThan(91 * 1024);
  });

  it.each(['simdnet', 'simdnet/streaming'])('bring no layers of %s that are not used', async (name) => {
    const text = await bundle(
      `import { maxPooling2d } from '${name}'; console.log(maxPooling2d({ poolSize: 2 }));`,
    );
    expect(text.length).toBeLessThan(51_500);
    expect(text).toContain('maxPooling2d');
    for (const other of [
      'separableConv2d',
      'batchNormalization":',
      'upSampling2d',
      'concatenate',
      'mobilenetv2',
      'exchange.js',
    ])
      expect(text).not.toContain(other);
  });

  it.each(
    ['simdnet', 'simdnet/streaming'].flatMap((name) =>
      [false, true].map((splitting) => ({ name, splitting })),
    ),
  )('read and write files of other programs with $name; splitting: $splitting', async (options) => {
    const { there, back, failure, isKnown } = await exchanged(options);
    expect(back.constructor).toBe(there.constructor);
    expect(back.toJSON()).toEqual(there.toJSON());
    expect(back.getWeights()).toEqual(there.getWeights());
    expect(isKnown, String(failure)).toBe(true);
  });

  it('export what needs no disk, but for reports and recipes, which few pages would want', async () => {
    const inNodeOnly = [
      'RECIPES',
      'SIX_VIEWS',
      'classificationReport',
      'csvLogger',
      'evaluateViews',
      'jsonLinesLogger',
      'loadCheckpoint',
      'loadModel',
      'locateCifar10',
      'modelCheckpoint',
      'plotHistory',
      'predictViews',
      'readCifar10',
      'recipe',
      'saveCheckpoint',
      'saveModel',
      'tensorBoard',
    ];
    expect(
      Object.keys(inNode)
        .filter((name) => !(name in portable))
        .sort(),
    ).toEqual(inNodeOnly);
    for (const script of ['simdnet.js', 'streaming/simdnet.js']) {
      const module = (await import(folder + script)) as object;
      expect(Object.keys(module).sort()).toEqual(Object.keys(portable).sort());
    }
  });
});
