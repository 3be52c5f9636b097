/** An empty page on which a module of the page is loaded, without the rest of it. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { serveFolder, type StaticServer } from '../staticServer.ts';

/** Serves a page whose global "tested" is what the module exports. @param module  below src/browser */
export async function serveModule(module: string, body = ''): Promise<StaticServer> {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [`src/browser/${module}`],
    bundle: true,
    format: 'iife',
    globalName: 'tested',
    platform: 'browser',
    conditions: ['simdnet-streaming', 'simdnet-source'],
    // The addresses of files beside the script are not used here.
    logOverride: { 'empty-import-meta': 'silent' },
    write: false,
  });
  return serveFolder(root, {
    files: {
      '/index.html': `<!doctype html><meta charset="utf-8"><title>A test</title>${body}<script src="module.js"></script>`,
      '/module.js': outputFiles[0]!.text,
    },
  });
}
