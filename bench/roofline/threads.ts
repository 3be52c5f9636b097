/** What all threads together can multiply and add in 128-bit vectors, at the same time. */
import { Worker } from 'node:worker_threads';
import { chooseTier } from '../../src/engine/tier.ts';
import { compileLoops, OPERATIONS } from './roofline.ts';

/** A few hundredths of a second's worth. */
const ROUNDS = 10_000_000;

/** In plain JavaScript: a worker does not inherit what makes Node run TypeScript. */
const PROGRAM = `
const { parentPort, workerData: { binary, rounds } } = require('node:worker_threads');
const memory = new WebAssembly.Memory({ initial: 1 });
const loops = WebAssembly.instantiate(binary, { env: { memory, abort() {} } });
parentPort.on('message', async () => {
  const { instance: { exports } } = await loops;
  const start = performance.now();
  exports.multiplyAdds(rounds, 0.75, 0.25);
  parentPort.postMessage((performance.now() - start) / 1000);
});
`;

export interface ThreadRoofline {
  /** Operations of one run: a multiply-add counts as two. */
  readonly operations: number;
  run(): Promise<void>;
  close(): Promise<void>;
}

/** Fused multiply-adds where this runtime has them. */
export async function openThreadRoofline(threads: number): Promise<ThreadRoofline> {
  const binary = await compileLoops(chooseTier('auto') === 'simd' ? 'simd' : 'relaxed');
  const workers = Array.from(
    { length: threads },
    () => new Worker(PROGRAM, { eval: true, workerData: { binary, rounds: ROUNDS } }),
  );
  const run = async (): Promise<void> => {
    await Promise.all(
      workers.map(
        (worker) =>
          new Promise((resolve, reject) => {
            worker.once('message', resolve).once('error', reject);
            worker.postMessage('run');
          }),
      ),
    );
    for (const worker of workers) worker.removeAllListeners('error');
  };
  return {
    operations: threads * ROUNDS * OPERATIONS.narrow,
    run,
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
