/** The gradient of a filter, summed over shards of the batch: the same order of sums whatever the number of threads. */
import { call } from '../../engine/call.ts';
import { offsetBy, type Address } from '../../engine/pointer.ts';
import type { Instruction } from '../../engine/program.ts';
import { TILE } from './correlation.ts';
import type { Addresses, Emit, PlanContext } from './operation.ts';

/** How many shards there are at most: enough for 16 threads, and short sums are accurate ones. */
export const MAX_SHARDS = 16;

/** How many shards a batch of `count` images has: none of them is empty. */
export function shardsOf(count: number): number {
  return Math.min(MAX_SHARDS, count);
}

export interface FilterShards {
  /** The address of the shards' results: [shards][rows, + 1 for the bias][filters rounded up to 8]. */
  readonly partials: Address;
  /** Sums them. */
  readonly finish: Emit;
}

/** How a shard's result of a filter [depth, filters] lies in memory. */
export interface ShardLayout {
  readonly depth: number;
  readonly filters: number;
  /** How many rows there are in front of the bias's. */
  readonly rows: number;
  /** How many columns a row of the whole filter has. */
  readonly pitch: number;
}

/**
 * Allocates the shards' results of a filter [depth, filters] of products of tiles, and plans their sum.
 * @param shards  how many there are for so many images
 * @param pitch   how many columns a row of the whole filter has
 */
export function planShards(
  context: PlanContext,
  name: string,
  depth: number,
  filters: number,
  gradients: Addresses,
  shards: (count: number) => number = shardsOf,
  pitch = filters,
): FilterShards {
  const rows = Math.ceil(depth / TILE.rows) * TILE.rows;
  return planShardSums(context, name, { depth, filters, rows, pitch }, gradients, shards);
}

/** The same for any number of rows. */
export function planShardSums(
  context: PlanContext,
  name: string,
  { depth, filters, rows, pitch }: ShardLayout,
  gradients: Addresses,
  shards: (count: number) => number = shardsOf,
): FilterShards {
  const rowBytes = Math.ceil(filters / TILE.columns) * TILE.columns * 4;
  const shardBytes = (rows + 1) * rowBytes;
  const partials = context.allocate(shards(context.batch) * shardBytes);
  const sum = (count: number, from: Address, to: Address | undefined, items: number): Instruction[] =>
    to === undefined
      ? []
      : [
          call('sumShards', `${name} sum`, items, {
            partials: from,
            shards: shards(count),
            shardBytes,
            columns: filters,
            output: to,
            outputRow: pitch * 4,
          }),
        ];
  return {
    partials,
    finish: (count) => [
      ...sum(count, partials, gradients.kernel, depth),
      ...sum(count, offsetBy(partials, rows * rowBytes), gradients.bias, 1),
    ],
  };
}
