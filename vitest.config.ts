import { defineConfig } from 'vitest/config';

/**
 * Short tests end before V8 has optimised anything. On Node 24 it is told to do so at once, so that what its optimiser
 * makes of the kernels, pairs of vectors above all, is tested too; on Node 20 they are tested as they are compiled first.
 */
const execArgv = Number.parseInt(process.versions.node) >= 24 ? ['--no-liftoff'] : [];

const conditions = ['simdnet-source', 'node', 'import', 'module', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    execArgv,
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    // What tests are prepared with, trainings too, takes its time on a machine that has none.
    hookTimeout: 180_000,
  },
});
