import { OptionError } from '../../errors.ts';
import { adamSettings, adamSteps, type AdamSettings } from './adam.ts';
import type { OptionsOf } from './commonOptions.ts';
import type { OptimizerConfig, OptimizerDefinition } from './optimizer.ts';

/** The settings of Adam with weight decay. */
export interface AdamWConfig extends AdamSettings, OptimizerConfig {
  readonly name: 'adamw';
  readonly weightDecay: number;
}

/**
 * Adam with decoupled weight decay (Loshchilov & Hutter 2019), with the options and defaults of Keras: those of Adam, and a
 * weightDecay of 0.004.
 * @throws OptionError for a setting out of range, or one that is not known
 */
export function adamw(options: OptionsOf<AdamWConfig> = {}): AdamWConfig {
  const settings = adamSettings('adamw', options, { learningRate: 1e-3, weightDecay: 0.004 });
  const { weightDecay } = settings;
  if (weightDecay === null) {
    throw new OptionError('adamw: weightDecay must be a number of at least 0, not null; adam does without.');
  }
  return { name: 'adamw', ...settings, weightDecay };
}

export const adamwDefinition: OptimizerDefinition<AdamWConfig> = {
  name: 'adamw',
  configure: adamw,
  ...adamSteps,
};
