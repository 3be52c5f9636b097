/** The package, as it is published, in an app that Vite builds and TypeScript checks. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImportOptions, Model } from '../../src/portable.ts';
import { describeInChromium, launchChromium, openPage } from './chromium.ts';
import { trainSmall } from './simdnetPage.ts';
import { serveFolder } from './staticServer.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');

const ENTRIES = ['simdnet', 'simdnet/streaming'] as const;
const nameOf = (entry: string): string => entry.replace('/', '-');

/** Uses the library in the way its documentation shows, and hands it to the test. */
const program = (entry: string): string => `
  import * as simdnet from '${entry}';
  import { sequential, flatten, dense, engine, type Model, type EngineAbilities } from '${entry}';
  import { exportModel, FormatError, importModel, type ExportedFile, type ImportOptions } from '${entry}';
  export const model: Model = sequential([flatten({ inputShape: [6, 6, 3] }), dense({ units: 2 })]);
  export const abilities: Promise<EngineAbilities> = engine.info();
  export async function again(options: ImportOptions): Promise<Model> {
    const [file] = (await exportModel(model, { format: 'onnx' })) as readonly [ExportedFile];
    return importModel(file.content as Uint8Array, options);
  }
  const failure = importModel(new Uint8Array(9)).then(() => false, (error) => error instanceof FormatError);
  Object.assign(globalThis, { simdnet, model, again, failure });`;

/** What {@link program} has put there. */
declare global {
  var model: Model;
  var again: (options: ImportOptions) => Promise<Model>;
  var failure: Promise<boolean>;
}

let app: string;

beforeAll(async () => {
  app = await mkdtemp(join(tmpdir(), 'simdnet-app-'));
  await mkdir(join(app, 'node_modules/simdnet'), { recursive: true });
  const options = { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' } as const;
  const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', app];
  const archive = execFileSync('npm', pack, options).trim();
  const unpack = [
    '-xzf',
    join(app, archive),
    '-C',
    join(app, 'node_modules/simdnet'),
    '--strip-components=1',
  ];
  execFileSync('tar', unpack);
  await writeFile(join(app, 'package.json'), '{ "type": "module" }');
  for (const entry of ENTRIES) {
    const name = nameOf(entry);
    await writeFile(join(app, `${name}.ts`), program(entry));
    const html = `<!doctype html><title>App</title><script type="module" src="./${name}.ts"></script>`;
    await writeFile(join(app, `${name}.html`), html);
  }
});
afterAll(() => rm(app, { recursive: true }));

describe('the package', () => {
  it.each(['browser', 'node'])('has types that need nothing else; condition: %s', async (condition) => {
    const compilerOptions = {
      ...{
        noEmit: true,
        strict: true,
        skipLibCheck: false,
        target: 'es2022',
        lib: ['es2023', 'dom'],
        types: [],
      },
      ...{ module: 'esnext', moduleResolution: 'bundler', customConditions: [condition] },
    };
    const files = ENTRIES.map((entry) => `${nameOf(entry)}.ts`);
    await writeFile(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    const { stdout } = spawnSync(process.execPath, [tsc], { cwd: app, encoding: 'utf8' });
    expect(stdout).toBe('');
  });

  it('is the one for Node in Node, whichever entry is imported', () => {
    const print = `
      const [a, b] = [await import('simdnet'), await import('simdnet/streaming')];
      console.log(a.saveModel !== undefined && a.saveModel === b.saveModel);`;
    const options = { cwd: app, encoding: 'utf8' } as const;
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', print], options).trim()).toBe('true');
  });
});

describeInChromium('an app that Vite has built', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
    const input = ENTRIES.map((entry) => join(app, `${nameOf(entry)}.html`));
    await build({
      root: app,
      configFile: false,
      logLevel: 'error',
      build: { rolldownOptions: { input } },
    });
  });
  afterAll(() => browser.close());

  it('has the engine in files of its own where it is to stream', async () => {
    const files = await readdir(join(app, 'dist/assets'));
    const builds = files
      .filter((name) => name.endsWith('.wasm'))
      .map((name) => name.replace(/-.{8}\.wasm$/, ''));
    expect(builds.sort()).toEqual(['relaxed', 'relaxed-shared', 'simd', 'simd-shared']);
  });

  it.each(ENTRIES)('reads and writes files of other programs with %s', async (entry) => {
    const server = await serveFolder(join(app, 'dist'));
    try {
      const page = await openPage(browser, `${server.url}/${nameOf(entry)}.html`);
      await page.waitForFunction(() => 'again' in globalThis);
      const seen = await page.evaluate(async () => {
        const back = await again({ threads: 1 });
        const networks = [model, back].map((each) => JSON.stringify(each));
        return { networks, sameClass: back.constructor === model.constructor, isKnown: await failure };
      });
      expect(seen).toMatchObject({ sameClass: true, isKnown: true });
      expect(seen.networks[1]).toBe(seen.networks[0]);
    } finally {
      await server.close();
    }
  });

  it.each(ENTRIES.flatMap((entry) => [true, false].map((isolated) => [entry, isolated] as const)))(
    'trains with %s; isolated: %s',
    async (entry, isolated) => {
      const server = await serveFolder(join(app, 'dist'), { isolated });
      try {
        const page = await openPage(browser, `${server.url}/${nameOf(entry)}.html`);
        await page.waitForFunction(() => 'simdnet' in globalThis);
        const { loss, threads } = await page.evaluate(trainSmall, 2);
        expect(threads).toBe(isolated ? 2 : 1);
        expect(loss.at(-1)).toBeLessThan(loss[0]!);
      } finally {
        await server.close();
      }
    },
  );
});
