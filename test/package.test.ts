/** The package, as it is published: what it takes to install, and that nothing it imports is missing. */
import { execFileSync } from 'node:child_process';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { createRequire, isBuiltin } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));

/** Whatever a user's Node is told to load. */
const ENTRIES = [
  'dist/index.js',
  'dist/cli/main.js',
  'dist/platform/nodeWorker.js',
  'dist/data/pictures/decodeWorker.js',
];

interface Packed {
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

let packed: Packed;
let paths: ReadonlySet<string>;

beforeAll(() => {
  const options = { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' } as const;
  const pack = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  [packed] = JSON.parse(execFileSync('npm', pack, options)) as [Packed];
  paths = new Set(packed.files.map(({ path }) => path));
});

it('takes less than 13 MB with all that is installed with it', async () => {
  const folders = await dependenciesOf(root);
  const sizes = await Promise.all([...folders].map(sizeOf));
  expect(sizes.reduce((sum, size) => sum + size, packed.unpackedSize)).toBeLessThan(13e6);
});

it('brings neither native code nor install scripts', async () => {
  for (const folder of await dependenciesOf(root)) {
    const names = await readdir(folder, { recursive: true });
    expect(names.filter((name) => /\.(node|bare)$|binding\.gyp$/.test(name))).toEqual([]);
    const { scripts = {} } = await manifestOf(folder);
    expect(scripts).not.toHaveProperty('install');
    expect(scripts).not.toHaveProperty('preinstall');
    expect(scripts).not.toHaveProperty('postinstall');
  }
});

it('brings the page that models are put into', () => {
  expect(paths).toContain('dist/export/classifier.html');
});

describe('what it imports', () => {
  it('is its own, a dependency, or of Node', async () => {
    const { dependencies = {} } = await manifestOf(root);
    const known = Object.keys(dependencies);
    const isKnown = (module: string): boolean =>
      known.some((name) => module === name || module.startsWith(`${name}/`)) || isBuiltin(module);
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints: ENTRIES,
      outdir: join(root, 'dist'),
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      write: false,
      metafile: true,
    });
    for (const path of Object.keys(metafile.inputs)) expect(paths).toContain(path);
    const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
    const others = imports.filter(({ external }) => external).map(({ path }) => path);
    expect(others).toContain('yargs');
    expect(others.filter((module) => !isKnown(module))).toEqual([]);
  });

  it('travels with its licence', () => {
    const licences = ['LICENSE', 'dist/plot/DejaVuSans-LICENSE.txt', 'dist/plot/zrender-LICENSE.txt'];
    const charts = ['LICENSE', 'NOTICE', 'LICENSE-d3'].map((name) => `dist/plot/ECharts-${name}.txt`);
    for (const path of [...licences, ...charts]) expect(paths).toContain(path);
  });
});

/** The folders of all packages that are installed with the one in `folder`. */
async function dependenciesOf(folder: string, found = new Set<string>()): Promise<Set<string>> {
  const { dependencies = {} } = await manifestOf(folder);
  const paths = createRequire(join(folder, 'package.json')).resolve.paths('simdnet') ?? [];
  for (const name of Object.keys(dependencies)) {
    const place = await firstFolder(paths.map((path) => join(path, name)));
    if (found.has(place)) continue;
    found.add(place);
    await dependenciesOf(place, found);
  }
  return found;
}

async function firstFolder(places: readonly string[]): Promise<string> {
  for (const place of places) {
    const stats = await lstat(join(place, 'package.json')).catch(() => undefined);
    if (stats) return place;
  }
  throw new Error(`none of ${places.join(', ')} is there`);
}

async function manifestOf(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** The bytes of the files in a package, without those of packages inside it. */
async function sizeOf(folder: string): Promise<number> {
  let size = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    size += entry.isDirectory() ? await sizeOf(path) : (await lstat(path)).size;
  }
  return size;
}
