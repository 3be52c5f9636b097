/** Gradients held within a limit: their norms, each weight's or that of all, or their values. */
import { call } from '../engine/call.ts';
import { offsetBy, type Address } from '../engine/pointer.ts';
import { together, type Instruction } from '../engine/program.ts';
import type { PlanContext } from './operations/operation.ts';
import type { OptimizerConfig } from './optimizers/optimizer.ts';
import { blocksOf, GRADIENTS, mergedRanges, type WeightRange } from './parameters.ts';
import type { FixedMemory } from './plan.ts';

/** How many shards the square of a norm is summed over. */
const SHARDS = 16;

/** @param trained  the weights whose gradients there are */
export function planClipping(
  { block }: FixedMemory,
  context: PlanContext,
  { clipnorm, globalClipnorm, clipvalue }: OptimizerConfig,
  trained: readonly WeightRange[],
): readonly Instruction[] {
  const gradients = (range: WeightRange): Address => offsetBy(block(GRADIENTS), range.offset);
  if (clipvalue !== null) {
    return together(
      mergedRanges(trained, () => '').map((range) =>
        call('clipValues', 'clip', blocksOf(range), { values: gradients(range), clip: clipvalue }),
      ),
    );
  }
  const clip = clipnorm ?? globalClipnorm;
  if (clip === null) return [];
  const whole = clipnorm === null;
  // Of all weights together the norm is one.
  const ranges = whole ? mergedRanges(trained, () => '') : trained;
  const partialBytes = SHARDS * 8;
  const partials = context.allocate(ranges.length * partialBytes);
  const factors = context.allocate(ranges.length * 4);
  const sums = ranges.map((range, i) =>
    call('sumSquares', 'clip', SHARDS, {
      values: gradients(range),
      blocks: blocksOf(range),
      shards: SHARDS,
      partials: offsetBy(partials, i * partialBytes),
    }),
  );
  const scales = (whole ? ranges.slice(0, 1) : ranges).map((_, i) =>
    call('clipScale', 'clip', 1, {
      partials: offsetBy(partials, i * partialBytes),
      count: whole ? ranges.length * SHARDS : SHARDS,
      clip,
      factor: offsetBy(factors, i * 4),
    }),
  );
  const scaled = ranges.map((range, i) =>
    call('scaleBlocks', 'clip', blocksOf(range), {
      values: gradients(range),
      factor: whole ? factors : offsetBy(factors, i * 4),
    }),
  );
  return [...together(sums), ...together(scales), ...together(scaled)];
}
