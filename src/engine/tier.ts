import { enableRelaxedSimd, readEngine } from '#platform';
import { EngineError } from '../errors.ts';

/** A build of the engine: `simd` has the same bits on every machine, `relaxed` is faster where it is supported. */
export type Tier = 'simd' | 'relaxed';

export const TIERS: readonly Tier[] = ['simd', 'relaxed'];

export interface LoadedEngine {
  readonly tier: Tier;
  readonly module: WebAssembly.Module;
}

/**
 * Compiles the build that `tier` asks for; `auto` is the fastest that this runtime validates.
 * @param shared  whether it is to run on shared memory, in a team of threads
 * @throws EngineError if the runtime does not support the tier
 */
export async function loadEngine(tier: Tier | 'auto', shared: boolean): Promise<LoadedEngine> {
  enableRelaxedSimd();
  const candidates: Tier[] = tier === 'auto' ? ['relaxed', 'simd'] : [tier];
  for (const candidate of candidates) {
    const bytes = await readEngine(shared ? `${candidate}-shared` : candidate);
    if (WebAssembly.validate(bytes)) return { tier: candidate, module: await WebAssembly.compile(bytes) };
  }
  if (tier === 'relaxed') {
    throw new EngineError(
      'This runtime has no WebAssembly Relaxed SIMD: use the tier "simd" or "auto", or Node 20 or newer.',
    );
  }
  throw new EngineError('This runtime has no WebAssembly SIMD: simdnet needs Node 20.19 or newer.');
}
