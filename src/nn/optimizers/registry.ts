/** The optimizers: one line each. */
import { byName } from '../named.ts';
import { adamDefinition } from './adam.ts';
import { adamwDefinition } from './adamw.ts';
import { lionDefinition } from './lion.ts';
import { muonDefinition } from './muon.ts';
import type { OptimizerConfig, OptimizerDefinition } from './optimizer.ts';
import { rmspropDefinition } from './rmsprop.ts';
import { sgdDefinition } from './sgd.ts';

const DEFINITIONS = [
  adamDefinition,
  adamwDefinition,
  lionDefinition,
  muonDefinition,
  rmspropDefinition,
  sgdDefinition,
] as readonly unknown[] as readonly OptimizerDefinition[];

/** The optimizers that there are. */
export const OPTIMIZERS: readonly string[] = DEFINITIONS.map(({ name }) => name);

const definitionNamed = byName('optimizer', DEFINITIONS);

/**
 * The definition that settings belong to.
 * @param name  in any of Keras' spellings: rmsprop, RMSprop
 * @throws OptionError if there is no such optimizer
 */
export function optimizerDefinition({ name }: { readonly name: string }): OptimizerDefinition {
  return definitionNamed(name);
}

/** Settings from a name, or from settings that may not be complete. @throws OptionError */
export function configureOptimizer(given: string | OptimizerConfig): OptimizerConfig {
  return typeof given === 'string'
    ? optimizerDefinition({ name: given }).configure({})
    : optimizerDefinition(given).configure(given);
}
