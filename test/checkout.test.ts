/** A checkout may lie anywhere: in a folder whose name has what addresses write otherwise, too. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

interface Config {
  readonly targets: { readonly simd: object };
}

const run = promisify(execFile);
const root = fileURLToPath(new URL('../', import.meta.url));

it('is built, and works, in a folder with a space, a percent sign and a number sign in its name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'simdnet-checkout-'));
  try {
    const checkout = join(folder, 'a #1 folder, 100%20 strange');
    await mkdir(checkout);
    const copied = [
      'src',
      'assembly',
      'package.json',
      'package-lock.json',
      'tsconfig.json',
      'LICENSE',
      'dist',
    ];
    for (const name of copied) {
      await cp(join(root, name), join(checkout, name), { recursive: true });
    }
    // One build of the engine is enough, and it is made anew: its sources are younger now.
    const config = JSON.parse(await readFile(join(root, 'asconfig.json'), 'utf8')) as Config;
    const { simd } = config.targets;
    await writeFile(join(checkout, 'asconfig.json'), JSON.stringify({ ...config, targets: { simd } }));
    await symlink(join(root, 'node_modules'), join(checkout, 'node_modules'));
    // The compiler of TypeScript would take longer than all the rest.
    for (const script of ['assembly/build.mjs', 'src/browser/build.mjs']) {
      await run(process.execPath, [join(checkout, script)], { cwd: checkout });
    }
    const command = [join(checkout, 'dist/cli/main.js'), 'train', '--dataset', 'shapes', '--tier', 'simd'];
    const { stdout } = await run(process.execPath, [
      ...command,
      ...['--epochs', '1', '--train-limit', '100', '--out', join(folder, 'a run')],
    ]);
    expect(stdout).toContain('Test accuracy = ');
  } finally {
    await rm(folder, { recursive: true });
  }
});
