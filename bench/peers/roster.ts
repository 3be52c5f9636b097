/** Who is measured beside simdnet, with what, and what a reader should know about it. */
import { threadCounts } from '../environment.ts';
import { measuredTiers } from '../tiers.ts';
import { BATCH } from '../tutorialCase.ts';

export type PeerModule =
  | 'simdnet simd'
  | 'simdnet relaxed'
  | 'simdnet turbo'
  | 'onnxruntime-node'
  | 'onnxruntime-web'
  | 'tfjs cpu'
  | 'tfjs wasm'
  | 'tfjs-node'
  | 'jax-js';

export interface RosterEntry {
  readonly name: PeerModule;
  readonly threads: number;
  readonly batch: number;
  /** Batches in one timed run. */
  readonly batches: number;
  readonly note?: string;
}

/** Long enough, up to half a second, not to time how threads wake up. */
const FAST = { batch: BATCH, batches: 16 };

export function roster(): RosterEntry[] {
  const ours = measuredTiers().map((tier): PeerModule => `simdnet ${tier}`);
  const threaded: PeerModule[] = [...ours, 'onnxruntime-node', 'onnxruntime-web'];
  const NOTES: Partial<Record<PeerModule, string>> = {
    'onnxruntime-node': 'native code; cannot train',
    'onnxruntime-web': 'cannot train',
  };
  return [
    ...threaded.flatMap((name) =>
      threadCounts().map((threads) => ({
        name,
        threads,
        ...FAST,
        ...(NOTES[name] ? { note: NOTES[name] } : {}),
      })),
    ),
    {
      name: 'tfjs wasm',
      threads: 1,
      ...FAST,
      note:
        'one thread, as it starts none in Node; it has no gradient of a filter (Conv2DBackpropFilter), so it trains with two kernels ' +
        'that a user can register, which write both gradients of a convolution as convolutions (bench/peers/tfjsWasmTraining.ts)',
    },
    {
      name: 'tfjs cpu',
      threads: 1,
      batch: 4,
      batches: 1,
      note: 'plain JavaScript; batches of 4, as it takes seconds an image',
    },
    { name: 'tfjs-node', threads: threadCounts().at(-1)!, ...FAST, note: 'native code; all threads' },
    {
      name: 'jax-js',
      threads: 1,
      batch: 16,
      batches: 1,
      note: 'its wasm backend with `jit`; one thread, as its threads are Web Workers, which Node has not; batches of 16',
    },
  ];
}
