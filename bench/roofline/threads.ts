/** What all threads together can multiply and add in 128-bit vectors, and how fast memory streams to all of them, at the same time. */
import { Worker } from 'node:worker_threads';
import { chooseTier } from '../../src/engine/tier.ts';
import { compileLoops, OPERATIONS } from './roofline.ts';

/** A few hundredths of a second's worth. */
const ROUNDS = 10_000_000;

/** Bytes of each of the three arrays that a thread streams: far beyond the caches. */
const ARRAY = 64 * 2 ** 20;

/** Runs of which the best counts where there is no timer around them: the first ones wake the cores. */
const LOOKS = 5;

/** In plain JavaScript: a worker does not inherit what makes Node run TypeScript. */
const PROGRAM = `
const { parentPort, workerData: { binary, rounds, array } } = require('node:worker_threads');
const memory = new WebAssembly.Memory({ initial: 1 });
const loops = WebAssembly.instantiate(binary, { env: { memory, abort() {} } });
parentPort.on('message', async (what) => {
  const { instance: { exports } } = await loops;
  const missing = (3 * array - memory.buffer.byteLength) / 65536;
  if (what === 'stream' && missing > 0) {
    memory.grow(Math.ceil(missing));
    exports.triad(0, array, 2 * array, array, 3);
  }
  const start = performance.now();
  if (what === 'stream') exports.triad(0, array, 2 * array, array, 3);
  else exports.multiplyAdds(rounds, 0.75, 0.25);
  parentPort.postMessage((performance.now() - start) / 1000);
});
`;

export interface ThreadRoofline {
  /** Operations of one run: a multiply-add counts as two. */
  readonly operations: number;
  run(): Promise<void>;
  /** How many GFLOP/s it is now: the best of a few runs. */
  peak(): Promise<number>;
  /** GB/s of a triad in all threads at once, bytes read plus bytes written: the best of a few runs. */
  bandwidth(): Promise<number>;
  close(): Promise<void>;
}

/** Fused multiply-adds where this runtime has them. */
export async function openThreadRoofline(threads: number): Promise<ThreadRoofline> {
  const binary = await compileLoops(chooseTier('auto') === 'simd' ? 'simd' : 'relaxed');
  const workers = Array.from(
    { length: threads },
    () => new Worker(PROGRAM, { eval: true, workerData: { binary, rounds: ROUNDS, array: ARRAY } }),
  );
  /** @returns the seconds of the slowest thread */
  const inAll = async (what: 'multiply' | 'stream'): Promise<number> => {
    const seconds = await Promise.all(
      workers.map(
        (worker) =>
          new Promise<number>((resolve, reject) => {
            worker.once('message', resolve).once('error', reject);
            worker.postMessage(what);
          }),
      ),
    );
    for (const worker of workers) worker.removeAllListeners('error');
    return Math.max(...seconds);
  };
  const best = async (what: 'multiply' | 'stream', amount: number): Promise<number> => {
    let fastest = Infinity;
    for (let i = 0; i < LOOKS; i++) fastest = Math.min(fastest, await inAll(what));
    return amount / fastest / 1e9;
  };
  const operations = threads * ROUNDS * OPERATIONS.narrow;
  return {
    operations,
    run: async () => {
      await inAll('multiply');
    },
    peak: () => best('multiply', operations),
    bandwidth: () => best('stream', threads * 3 * ARRAY),
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
