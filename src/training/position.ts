/** How far a training has come: with the weights, the optimizer's variables and the callbacks' states, all that its future needs. */
import type { History } from './history.ts';
import type { Sums } from './totals.ts';

export interface Position {
  /** How many epochs are complete, from epoch 0 on. */
  readonly epoch: number;
  /** How many batches of the next one have been trained on, and what they came to. */
  readonly batch: number;
  readonly totals: Sums;
  readonly history: Omit<History, 'stopped'>;
}

/** @param epoch  the epoch to begin with */
export function beginning(epoch: number): Position {
  return { epoch, batch: 0, totals: { sums: [], seen: 0 }, history: { epoch: [], history: {} } };
}
