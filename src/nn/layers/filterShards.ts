/** The gradient of a filter, summed over shards of the batch: the same order of sums whatever the number of threads. */
import type { Instruction } from '../../engine/program.ts';
import { TILE } from './correlation.ts';
import type { Addresses, Emit, PlanContext } from './layer.ts';

/** How many shards there are at most: enough for 16 threads, and short sums are accurate ones. */
export const MAX_SHARDS = 16;

/** How many shards a batch of `count` images has: none of them is empty. */
export function shardsOf(count: number): number {
  return Math.min(MAX_SHARDS, count);
}

export interface FilterShards {
  /** The address of the shards' results: [shards][depth rounded up to 4, + 1 for the bias][filters rounded up to 8]. */
  readonly partials: number;
  /** Sums them. */
  readonly finish: Emit;
}

/**
 * Allocates the shards' results of a filter [depth, filters] and plans their sum.
 * @param shards  how many there are for so many images
 */
export function planShards(
  context: PlanContext,
  name: string,
  depth: number,
  filters: number,
  gradients: Addresses,
  shards: (count: number) => number = shardsOf,
): FilterShards {
  const rows = Math.ceil(depth / TILE.rows) * TILE.rows;
  const rowBytes = Math.ceil(filters / TILE.columns) * TILE.columns * 4;
  const shardBytes = (rows + 1) * rowBytes;
  const partials = context.arena.allocate(MAX_SHARDS * shardBytes);
  const sum = (count: number, from: number, to: number, items: number): Instruction => ({
    label: `${name} sum`,
    kernel: 'sumShards',
    arguments: [from, shards(count), shardBytes, filters, to, filters * 4],
    items,
  });
  return {
    partials,
    finish: (count) => [
      sum(count, partials, gradients.kernel!, depth),
      sum(count, partials + rows * rowBytes, gradients.bias!, 1),
    ],
  };
}
