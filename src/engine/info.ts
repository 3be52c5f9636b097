import { cores, whyNotShared } from '#platform';
import { possibleThreads } from './start.ts';
import { chooseTier, type Tier } from './tier.ts';

/** What the engine can do here. */
export interface EngineAbilities {
  /** The fastest build that runs here, which is what the option `tier: 'auto'` takes. */
  readonly tier: Tier;
  /** How many threads a model trains in unless it is told otherwise, and the most that can run at once. */
  readonly threads: number;
  /** Whether threads can share memory; without it there is one. */
  readonly sharedMemory: boolean;
  /** Why it is not more, in sentences; only where it could be. */
  readonly reason?: string;
}

/** What can be asked of the engine itself. */
export const engine = {
  /**
   * Which build, how many threads, and why not more.
   * @throws EngineError (as a rejection) if this runtime has no WebAssembly SIMD
   */
  // A promise, so that what is asked can one day take asking the machine.
  // eslint-disable-next-line @typescript-eslint/require-await
  async info(): Promise<EngineAbilities> {
    const tier = chooseTier('auto');
    const notShared = whyNotShared();
    const threads = possibleThreads(cores());
    const reasons: string[] = [];
    if (notShared !== undefined) reasons.push(`There is one thread because ${notShared}.`);
    else if (threads === 1) reasons.push('There is one thread because there is one core.');
    if (tier === 'simd')
      reasons.push('The tier is "simd" because this runtime has no WebAssembly Relaxed SIMD.');
    return {
      tier,
      threads,
      sharedMemory: notShared === undefined,
      ...(reasons.length > 0 && { reason: reasons.join(' ') }),
    };
  },
};
