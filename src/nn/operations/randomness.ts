import { randomStream } from '../../random.ts';

/**
 * Where the draws of an operation begin, as kernels take it: see assembly/random/counter.ts.
 * @param stream  the name of its stream
 */
export function randomness(stream: string, seed: number) {
  return {
    seedLow: seed % 0x100000000,
    seedHigh: Math.floor(seed / 0x100000000),
    stream: randomStream(0, stream).uint32(),
    step: 'step',
  } as const;
}
