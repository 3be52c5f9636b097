/** Which builds of the engine are measured: `turbo` only where it is asked for. */
import { chooseTier, type Tier } from '../src/engine/tier.ts';

let tiers: readonly Tier[] = ['simd', 'relaxed'];

/** The fastest last. */
export function measuredTiers(): readonly Tier[] {
  return tiers;
}

/** From now on turbo is measured, too. @throws EngineError if this runtime does not support it */
export function measureTurbo(): void {
  chooseTier('turbo');
  tiers = ['simd', 'relaxed', 'turbo'];
}
