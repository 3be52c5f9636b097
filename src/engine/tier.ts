import { compileEngine, enableRelaxedSimd } from '#platform';
import { EngineError } from '../errors.ts';
import { supports, type Feature } from './features.ts';

/** A build of the engine: `simd` has the same bits on every machine, `relaxed` is faster where it is supported. */
export type Tier = 'simd' | 'relaxed';

export const TIERS: readonly Tier[] = ['simd', 'relaxed'];

/** What each build needs of the runtime. */
const NEEDS: Readonly<Record<Tier, Feature>> = { simd: 'simd', relaxed: 'relaxedSimd' };

export interface LoadedEngine {
  readonly tier: Tier;
  readonly module: WebAssembly.Module;
}

/**
 * The build that `tier` asks for; `auto` is the fastest that this runtime supports.
 * @throws EngineError if the runtime does not support it
 */
export function chooseTier(tier: Tier | 'auto'): Tier {
  enableRelaxedSimd();
  const candidates: Tier[] = tier === 'auto' ? ['relaxed', 'simd'] : [tier];
  const chosen = candidates.find((candidate) => supports(NEEDS[candidate]));
  if (chosen) return chosen;
  if (tier === 'relaxed') {
    throw new EngineError(
      'This runtime has no WebAssembly Relaxed SIMD: use the tier "simd" or "auto", or Node 20 or newer.',
    );
  }
  throw new EngineError(
    'This runtime has no WebAssembly SIMD: simdnet needs Node 20.19 or newer, or a browser of 2023 or newer.',
  );
}

/**
 * Compiles a build.
 * @param shared  whether it is to run on shared memory, in a team of threads
 * @throws EngineError if the runtime does not support the tier, or the build cannot be loaded
 */
export async function loadEngine(tier: Tier | 'auto', shared: boolean): Promise<LoadedEngine> {
  const chosen = chooseTier(tier);
  return { tier: chosen, module: await compileEngine(shared ? `${chosen}-shared` : chosen) };
}
