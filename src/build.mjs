/**
 * Compiles the host into an emptied dist, and puts there what others made and the figures need: a font, and the parts of
 * ECharts that draw them.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../', import.meta.url));
const dist = join(root, 'dist');
const plot = join(dist, 'plot');

// Files of sources that are gone would otherwise be tested and shipped for ever. The engine has a build of its own.
mkdirSync(dist, { recursive: true });
for (const name of readdirSync(dist)) {
  if (name !== 'wasm') rmSync(join(dist, name), { recursive: true });
}

try {
  const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', join(root, 'src/tsconfig.json')], { stdio: 'inherit' });
} catch {
  process.exit(1); // The compiler has said what is wrong.
}

// npm makes a command executable when it links it, and not again when it has been built anew.
chmodSync(join(dist, 'cli/main.js'), 0o755);

// Whatever is not our own must travel with its licence.
const fonts = packageFolder('dejavu-fonts-ttf');
copyFileSync(join(fonts, 'ttf/DejaVuSans.ttf'), join(plot, 'DejaVuSans.ttf'));
copyFileSync(join(fonts, 'LICENSE'), join(plot, 'DejaVuSans-LICENSE.txt'));

await bundleECharts();
const echarts = packageFolder('echarts');
copyFileSync(join(echarts, 'LICENSE'), join(plot, 'ECharts-LICENSE.txt'));
copyFileSync(join(echarts, 'NOTICE'), join(plot, 'ECharts-NOTICE.txt'));
copyFileSync(join(echarts, 'licenses/LICENSE-d3'), join(plot, 'ECharts-LICENSE-d3.txt'));
copyFileSync(join(packageFolder('zrender'), 'LICENSE'), join(plot, 'zrender-LICENSE.txt'));

/** Puts what src/plot/echarts.ts uses of ECharts into one file, over the one that the compiler made of it. */
async function bundleECharts() {
  const [{ version }, { version: zrender }] = ['echarts', 'zrender'].map((name) =>
    require(`${name}/package.json`),
  );
  await build({
    absWorkingDir: root,
    entryPoints: ['src/plot/echarts.ts'],
    outfile: join(plot, 'echarts.js'),
    allowOverwrite: true,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: {
      js:
        `/*! Parts of Apache ECharts ${version} (Apache-2.0) and of zrender ${zrender} (BSD-3-Clause), bundled and ` +
        'minified; their licences are beside this file. */',
    },
    legalComments: 'none',
    logLevel: 'warning',
  });
}

function packageFolder(name) {
  return dirname(require.resolve(`${name}/package.json`));
}
