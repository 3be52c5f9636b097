/** The optimizers: one line each. */
import { OptionError } from '../../errors.ts';
import { nearest } from '../../suggest.ts';
import { adamDefinition } from './adam.ts';
import type { OptimizerConfig, OptimizerDefinition } from './optimizer.ts';
import { sgdDefinition } from './sgd.ts';

const DEFINITIONS = [adamDefinition, sgdDefinition] as const;

const byName = new Map<string, OptimizerDefinition>(
  DEFINITIONS.map((each) => [each.name, each as unknown as OptimizerDefinition]),
);

/** The optimizers that there are. */
export const OPTIMIZERS: readonly string[] = [...byName.keys()];

/** The definition that settings belong to. @throws OptionError if there is no such optimizer */
export function optimizerDefinition({ name }: { readonly name: string }): OptimizerDefinition {
  const found = byName.get(name);
  if (found) return found;
  const meant = nearest(name, OPTIMIZERS);
  throw new OptionError(
    `There is no optimizer "${name}"${meant ? `; did you mean "${meant}"?` : `; there are ${OPTIMIZERS.join(' and ')}.`}`,
  );
}

/** Settings from a name, or from settings that may not be complete. @throws OptionError */
export function configureOptimizer(given: string | OptimizerConfig): OptimizerConfig {
  return typeof given === 'string'
    ? optimizerDefinition({ name: given }).configure({})
    : optimizerDefinition(given).configure(given);
}
