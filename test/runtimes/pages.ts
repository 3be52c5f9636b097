/** The library on pages, for browsers to run the program on. */
import { fileURLToPath } from 'node:url';
import { serveFolder } from '../browser/staticServer.ts';
import { bundled } from './bundled.ts';
import type { Task } from './program.ts';

/** An address for each number of threads, in which a page can do the task. */
export interface Pages {
  /** One thread has a page as most are; more need one that is cross-origin isolated. */
  url(task: Task): string;
  close(): Promise<void>;
}

const bundles = fileURLToPath(new URL('../../dist/browser/', import.meta.url));
const PAGE = `<!doctype html><title>simdnet</title>
  <script type="module">
    import * as simdnet from '/simdnet.js';
    import { run } from '/program.js';
    globalThis.run = (task) => run(simdnet, task);
  </script>`;

export async function servePages(): Promise<Pages> {
  const files = { '/index.html': PAGE, '/program.js': await bundled('program.ts') };
  const plain = await serveFolder(bundles, { files });
  const isolated = await serveFolder(bundles, { files, isolated: true });
  return {
    url: ({ threads }) => (threads === 1 ? plain : isolated).url,
    close: async () => {
      await Promise.all([plain.close(), isolated.close()]);
    },
  };
}
