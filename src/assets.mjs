// Puts what the compiler does not copy into dist: the font for the figures, with the licence it must travel with.
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const target = fileURLToPath(new URL('../dist/plot/', import.meta.url));
const fonts = dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json'));

mkdirSync(target, { recursive: true });
copyFileSync(join(fonts, 'ttf/DejaVuSans.ttf'), join(target, 'DejaVuSans.ttf'));
copyFileSync(join(fonts, 'LICENSE'), join(target, 'DejaVuSans-LICENSE.txt'));
