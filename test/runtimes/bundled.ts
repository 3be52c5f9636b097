import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** A module of this folder as one of JavaScript, without imports of its own but those of Node. */
export async function bundled(name: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(name, import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    external: ['node:*'],
    target: 'es2022',
    write: false,
  });
  return outputFiles[0]!.text;
}
