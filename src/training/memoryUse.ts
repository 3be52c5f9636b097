/** How much engine memory a network takes, found out by planning it: no engine is loaded, and no thread started. */
import type { Network } from '../nn/network.ts';
import type { PlannedMemory } from '../nn/plan.ts';
import { planSession } from '../nn/session.ts';
import { compiled } from './objectives.ts';
import type { CompileOptions } from './options.ts';
import { threadsFor } from './sessionKeeper.ts';

/** In bytes: the parts, and all that the engine asks for. */
export interface MemoryUse extends PlannedMemory {
  readonly arena: number;
}

export interface MemoryUseOptions {
  readonly batchSize: number;
  readonly threads: number;
  /** How it is trained. */
  readonly compile: CompileOptions;
}

/**
 * What training takes, evaluation included, and what prediction alone takes for as many images.
 * @throws OptionError if the network cannot be trained like that
 */
export function memoryUse(
  network: Network,
  { batchSize: batch, threads, compile }: MemoryUseOptions,
): { readonly training: MemoryUse; readonly prediction: MemoryUse } {
  const { optimizer, objectives } = compiled(network, compile);
  const use = (options: Parameters<typeof planSession>[1]): MemoryUse => {
    const { memory, arena } = planSession(network, options);
    return { ...memory, arena: arena.bytes };
  };
  const objective = objectives.usual;
  return {
    training: use({ tier: 'auto', threads, batch, objective, optimizer }),
    prediction: use({ tier: 'auto', threads: threadsFor(batch, threads), batch }),
  };
}
