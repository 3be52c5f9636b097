/** Images and targets mixed with others of the batch. */
import { between } from '../numberOptions.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import { built, describe, parsed, type AugmentationOptions, type AugmentationSpec } from './augmentation.ts';
import type { LayerDefinition } from './definition.ts';

export interface MixUpOptions extends AugmentationOptions {
  /** How much, above 0 and up to 1: weights are drawn from the distribution Beta(alpha, alpha); 0.2 by default. */
  alpha?: number;
}

export interface MixUpData extends AugmentationSpec {
  readonly type: 'mixUp';
  readonly alpha: number;
}

/**
 * Each image with the next of its batch, by a weight of its own, and their targets likewise, which become numbers (Zhang et
 * al. 2018). @throws OptionError for an option out of range
 */
export function mixUp(options: MixUpOptions = {}): MixUpData & Applicable {
  return applicable(mixUpDefinition.parse(options), mixUpDefinition);
}

export const mixUpDefinition: LayerDefinition<MixUpData> = {
  type: 'mixUp',
  inputs: 'one',
  parse: (given) =>
    parsed('mixUp', given, { alpha: (type, option, value = 0.2) => between(type, option, value, 0.01, 1) }),
  build: (spec, context) => built('mixNeighbours', spec, context, () => ({ alpha: spec.alpha })),
  describe,
};
