/** Who is measured in Chromium, and what a reader should know about it. */
import type { Entry } from '../peers/tournament.ts';

export type PageModule =
  | 'simdnet simd'
  | 'simdnet relaxed'
  | 'onnxruntime-web'
  | 'tfjs wasm'
  | 'tfjs webgl'
  | 'tfjs webgpu'
  | 'jax-js';

/** A contender in a page. `name` has the browser in it, to tell it from the same one in Node. */
export interface PageEntry extends Entry {
  readonly module: PageModule;
}

/** @param threads  all cores */
export function pageEntries(batch: number, threads: number): PageEntry[] {
  const fast = { threads, batch, batches: 4 };
  const entry = (module: PageModule, rest: Omit<PageEntry, 'name' | 'module'>): PageEntry => {
    return { name: `${module}, Chromium`, module, ...rest };
  };
  return [
    entry('simdnet simd', fast),
    entry('simdnet relaxed', fast),
    entry('onnxruntime-web', { ...fast, note: 'cannot train' }),
    entry('tfjs wasm', {
      ...fast,
      note: 'all threads; it trains with the two kernels of bench/peers/tfjsWasmTraining.ts, having no gradient of a filter of its own',
    }),
    entry('tfjs webgl', { ...fast, batches: 1, threads: 1 }),
    entry('tfjs webgpu', { ...fast, batches: 1, threads: 1 }),
    entry('jax-js', {
      threads,
      batch: 16,
      batches: 1,
      note: 'its wasm backend with `jit` and its own threads; batches of 16',
    }),
  ];
}
