/** The bundles as files: what is in them, and what other bundlers leave of them. */
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import * as inNode from '../../src/index.ts';
import * as portable from '../../src/portable.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = `${root}dist/browser/`;

const FILES = [
  'simdnet.js',
  'streaming/relaxed-shared.wasm',
  'streaming/relaxed.wasm',
  'streaming/simd-shared.wasm',
  'streaming/simd.wasm',
  'streaming/simdnet.js',
  'streaming/worker.js',
];
const SCRIPTS = FILES.filter((name) => name.endsWith('.js'));

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
    expect(text).not.toMatch(/\bnode:|\brequire\(|process\.|Buffer\.from|__dirname/);
    expect(text).not.toContain(root);
    expect(text).not.toMatch(/#platform|#assets|SIMDNET_EMBEDDED/);
  });

  it('take at most 60 KB with gzip', async () => {
    const sizes = await Promise.all(
      FILES.map(async (name) => gzipSync(await readFile(folder + name), { level: 9 }).length),
    );
    const [single, ...streaming] = sizes;
    expect(single).toBeLessThan(60 * 1024);
    expect(streaming.reduce((sum, size) => sum + size)).toBeLessThan(60 * 1024);
  });

  it.each(['simdnet', 'simdnet/streaming'])(
    'leave next to nothing of %s where little is used',
    async (name) => {
      const text = await bundle(
        `import { conv2d } from '${name}'; console.log(conv2d({ filters: 1, kernelSize: 1 }));`,
      );
      expect(text.length).toBeLessThan(3000);
      expect(text).toContain('conv2d');
    },
  );

  it('export what needs no disk', async () => {
    const disk = ['loadModel', 'locateCifar10', 'plotHistory', 'readCifar10', 'saveModel'];
    expect(
      Object.keys(inNode)
        .filter((name) => !(name in portable))
        .sort(),
    ).toEqual(disk);
    for (const script of ['simdnet.js', 'streaming/simdnet.js']) {
      const module = (await import(folder + script)) as object;
      expect(Object.keys(module).sort()).toEqual(Object.keys(portable).sort());
    }
  });
});
