/** The losses: one line each. */
import { definitionsByName } from '../named.ts';
import { binaryCrossentropyDefinition } from './binaryCrossentropy.ts';
import {
  categoricalCrossentropyDefinition,
  sparseCategoricalCrossentropyDefinition,
} from './categoricalCrossentropy.ts';
import type { LossConfig, LossDefinition } from './loss.ts';
import { huberDefinition, meanAbsoluteErrorDefinition, meanSquaredErrorDefinition } from './regression.ts';

const DEFINITIONS = definitionsByName<LossDefinition>('loss', [
  categoricalCrossentropyDefinition,
  sparseCategoricalCrossentropyDefinition,
  binaryCrossentropyDefinition,
  meanSquaredErrorDefinition,
  meanAbsoluteErrorDefinition,
  huberDefinition,
]);

/** The losses that there are. */
export const LOSSES = DEFINITIONS.names;

/** The definition that settings belong to. @throws OptionError if there is no such loss */
export function lossDefinition({ name }: { readonly name: string }): LossDefinition {
  return DEFINITIONS.of(name);
}

/** Settings from a name, or from settings that may not be complete. @throws OptionError */
export function configureLoss(given: string | LossConfig): LossConfig {
  return typeof given === 'string' ? DEFINITIONS.of(given).configure({}) : DEFINITIONS.of(given.name).configure(given);
}
