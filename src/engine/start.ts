import { whyNotShared } from '#platform';
import type { Arena } from './arena.ts';
import { runInline } from './inlineRunner.ts';
import type { Runner, ThreadMemory } from './runner.ts';
import { Team } from './team.ts';
import { loadEngine, type Tier } from './tier.ts';
import { UnsharedRunner } from './unsharedRunner.ts';

/** How many of the threads asked for there can be: one where threads cannot share memory. */
export function possibleThreads(asked: number): number {
  return whyNotShared() === undefined ? asked : 1;
}

/**
 * Loads the engine and starts what will run it, with the memory that has been laid out.
 * @param inline  whether to run in the calling thread itself
 * @param spent   memory that nobody uses any more
 * @throws EngineError if the tier is not supported here, memory does not suffice, or threads cannot be started
 */
export async function startRunner(
  tier: Tier | 'auto',
  inline: boolean,
  arena: Arena,
  plan: ThreadMemory,
  spent?: WebAssembly.Memory,
): Promise<Runner> {
  const shared = !inline && whyNotShared() === undefined;
  const engine = await loadEngine(tier, shared);
  if (inline) return runInline(engine, arena.createMemory(false, spent), plan);
  return shared
    ? new Team(engine, arena.createMemory(true, spent), plan)
    : UnsharedRunner.start(engine, arena.bytes, plan);
}
