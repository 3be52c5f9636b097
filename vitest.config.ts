import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/**
 * Short tests end before V8 has optimised anything. On Node 24 it is told to do so at once, so that what its optimiser
 * makes of the kernels, pairs of vectors above all, is tested too; on Node 20 they are tested as they are compiled first.
 */
const execArgv = Number.parseInt(process.versions.node) >= 24 ? ['--no-liftoff'] : [];

const conditions = ['simdnet-source', 'node', 'import', 'module', 'default'];

/** Tests of one kind: Vitest takes a list of them as projects, and one kind begins when the other has ended. */
const kind = (
  name: string,
  groupOrder: number,
  maxWorkers: number,
  include: string,
  exclude: string[] = [],
) => ({
  extends: true as const,
  test: {
    name,
    include: [include],
    exclude: [...exclude, '**/node_modules/**'],
    maxWorkers,
    sequence: { groupOrder },
    execArgv,
    // For what hangs: on a machine that has other work, a test of many commands takes a minute.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});

const COMMANDS = 'test/cli/**/*.test.ts';
const BROWSERS = 'test/browser/**/*.test.ts';

/** Vitest alone would leave one processor to itself, and of two only one would be at work. */
const workers = Math.max(2, availableParallelism() - 1);

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    projects: [
      kind('library', 0, workers, 'test/**/*.test.ts', [COMMANDS, BROWSERS]),
      kind('commands', 1, workers, COMMANDS),
      // A browser is many processes, and its tests wait for what is on the screen.
      kind('browsers', 2, 1, BROWSERS),
    ],
  },
});
