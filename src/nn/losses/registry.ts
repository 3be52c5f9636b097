/** The losses: one line each. */
import { OptionError } from '../../errors.ts';
import { byName, ofKeras } from '../named.ts';
import { binaryCrossentropyDefinition } from './binaryCrossentropy.ts';
import {
  categoricalCrossentropyDefinition,
  sparseCategoricalCrossentropyDefinition,
} from './categoricalCrossentropy.ts';
import type { LossConfig, LossDefinition } from './loss.ts';
import { huberDefinition, meanAbsoluteErrorDefinition, meanSquaredErrorDefinition } from './regression.ts';

const DEFINITIONS = [
  categoricalCrossentropyDefinition,
  sparseCategoricalCrossentropyDefinition,
  binaryCrossentropyDefinition,
  meanSquaredErrorDefinition,
  meanAbsoluteErrorDefinition,
  huberDefinition,
] as unknown as readonly LossDefinition[];

const find = byName('loss', DEFINITIONS, { mse: 'meanSquaredError', mae: 'meanAbsoluteError' });

/** The losses that there are. */
export const LOSSES: readonly string[] = DEFINITIONS.map(({ name }) => name);

/** The definition that settings belong to. @throws OptionError if there is no such loss */
export function lossDefinition({ name }: { readonly name: string }): LossDefinition {
  return find(name);
}

/** Settings from a name, or from settings that may not be complete. @throws OptionError */
export function configureLoss(given: string | LossConfig): LossConfig {
  return typeof given === 'string' ? find(given).configure({}) : find(given.name).configure(given);
}

/** Settings from what Keras writes of a loss. @throws FormatError if it is not supported */
export function lossOfKeras(json: unknown): LossConfig {
  return ofKeras('loss', json, (className, { reduction = 'sum_over_batch_size', axis = -1, ...others }) => {
    if (reduction !== 'sum_over_batch_size' || axis !== -1) {
      throw new OptionError('the reduction must be sum_over_batch_size, over the last axis.');
    }
    const options = Object.entries(others).filter(([key]) => key !== 'dtype');
    return find(className).configure(Object.fromEntries(options));
  });
}
