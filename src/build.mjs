/** Compiles the host into an emptied dist, and puts what the compiler does not copy there: the figures' font. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../', import.meta.url));
const dist = join(root, 'dist');

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

const fonts = dirname(require.resolve('dejavu-fonts-ttf/package.json'));
copyFileSync(join(fonts, 'ttf/DejaVuSans.ttf'), join(dist, 'plot/DejaVuSans.ttf'));
// The font must travel with its licence.
copyFileSync(join(fonts, 'LICENSE'), join(dist, 'plot/DejaVuSans-LICENSE.txt'));
