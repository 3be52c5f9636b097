/** What regularizers add to gradients and to the loss. */
import { call } from '../engine/call.ts';
import { offsetBy, type Address } from '../engine/pointer.ts';
import { ahead, settled, together, type Instruction } from '../engine/program.ts';
import type { PlanContext } from './operations/operation.ts';
import { blocksOf, GRADIENTS, PARAMETERS, type WeightRange } from './parameters.ts';
import type { FixedMemory } from './plan.ts';

/** @param trained  the weights whose gradients there are */
export function planRegularizers(
  { block }: FixedMemory,
  trained: readonly WeightRange[],
): readonly Instruction[] {
  const calls = trained.flatMap((range): Instruction[] => {
    const { regularizer } = range.weight;
    if (!regularizer) return [];
    return [
      call('regularize', 'regularizer', blocksOf(range), {
        parameters: offsetBy(block(PARAMETERS), range.offset),
        gradients: offsetBy(block(GRADIENTS), range.offset),
        l1: regularizer.l1,
        l2: regularizer.l2,
      }),
    ];
  });
  return together(calls);
}

/** How many shards the sums over a weight are made of. */
const SHARDS = 16;

/** What the regularizers add to the loss of a batch, summed up at an address. */
export function planRegularizationLoss(
  { block, ranges }: FixedMemory,
  context: PlanContext,
  total: Address,
): readonly Instruction[] {
  const regularized = ranges.filter(({ weight }) => weight.regularizer);
  if (regularized.length === 0) return [];
  const partials = context.allocate(regularized.length * SHARDS * 8);
  const zero = context.zeros(8);
  const sums = regularized.map((range, i) =>
    call('regularizationLoss', 'regularizer', SHARDS, {
      parameters: offsetBy(block(PARAMETERS), range.offset),
      blocks: blocksOf(range),
      shards: SHARDS,
      l1: range.weight.regularizer!.l1,
      l2: range.weight.regularizer!.l2,
      partials: offsetBy(partials, i * SHARDS * 8),
    }),
  );
  return [
    ...ahead([call('sumRows', 'regularizer', 1, { values: zero, rows: 1, target: total })]),
    ...settled(together(sums)),
    call('addPartials', 'regularizer', 1, {
      partials,
      count: regularized.length * SHARDS,
      factor: 1,
      total,
    }),
  ];
}
