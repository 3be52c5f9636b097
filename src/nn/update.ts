/** What comes behind the gradients: the weights change. */
import { ALIGNMENT } from '../engine/arena.ts';
import { offsetBy } from '../engine/pointer.ts';
import { together, type Instruction } from '../engine/program.ts';
import type { PlanContext } from './operations/operation.ts';
import type { OptimizerConfig } from './optimizers/optimizer.ts';
import { optimizerDefinition } from './optimizers/registry.ts';
import { trainedRanges } from './parameters.ts';
import type { FixedMemory } from './plan.ts';

export function planUpdate(
  { network, layout, block }: FixedMemory,
  _context: PlanContext,
  optimizer: OptimizerConfig,
): readonly Instruction[] {
  const definition = optimizerDefinition(optimizer);
  const update = trainedRanges(network, layout).map(({ offset, bytes }) =>
    definition.update(optimizer, {
      parameters: offsetBy(block(0), offset),
      gradients: offsetBy(block(1), offset),
      variables: definition.variables(optimizer).map((_, i) => offsetBy(block(2 + i), offset)),
      blocks: bytes / ALIGNMENT,
    }),
  );
  return together(update);
}
