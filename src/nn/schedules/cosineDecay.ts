import { cos } from '../../ieeeMath.ts';
import { refuseUnknown } from '../layers/options.ts';
import { above, atLeast } from '../numberOptions.ts';
import type { ScheduleConfig, ScheduleDefinition } from './schedule.ts';

export interface CosineDecayOptions {
  initialLearningRate: number;
  /** Over how many steps it decays, those of the warm-up not included. */
  decaySteps: number;
  /** Where it ends, as a part of where it begins to decay; 0 by default. */
  alpha?: number;
  /** Where a warm-up ends that begins at initialLearningRate; null, the default, for none. */
  warmupTarget?: number | null;
  /** 0 by default. */
  warmupSteps?: number;
}

export interface CosineDecayConfig extends ScheduleConfig, Readonly<Required<CosineDecayOptions>> {
  readonly name: 'cosineDecay';
}

const OPTIONS = ['name', 'initialLearningRate', 'decaySteps', 'alpha', 'warmupTarget', 'warmupSteps'];

/**
 * Half a wave of the cosine (Loshchilov & Hutter 2016), after a linear warm-up if there is a target for it.
 * @throws OptionError
 */
export function cosineDecay(options: CosineDecayOptions): CosineDecayConfig {
  const name = 'cosineDecay';
  refuseUnknown(name, options, OPTIONS);
  const { alpha = 0, warmupTarget = null, warmupSteps = 0 } = options;
  return {
    name,
    initialLearningRate: atLeast(name, 'initialLearningRate', options.initialLearningRate, 0),
    decaySteps: above(name, 'decaySteps', options.decaySteps, 0),
    alpha: atLeast(name, 'alpha', alpha, 0),
    warmupTarget: warmupTarget === null ? null : atLeast(name, 'warmupTarget', warmupTarget, 0),
    warmupSteps: atLeast(name, 'warmupSteps', warmupSteps, 0),
  };
}

export const cosineDecayDefinition: ScheduleDefinition<CosineDecayConfig> = {
  name: 'cosineDecay',
  configure: cosineDecay,
  rate({ initialLearningRate, decaySteps, alpha, warmupTarget, warmupSteps }, step) {
    // Without a target Keras does not look at warmupSteps.
    const warmup = warmupTarget === null ? 0 : warmupSteps;
    const peak = warmupTarget ?? initialLearningRate;
    if (step < warmup) return (peak - initialLearningRate) * (step / warmup) + initialLearningRate;
    const completed = Math.min(step - warmup, decaySteps) / decaySteps;
    const cosine = 0.5 * (1 + cos(Math.PI * completed));
    return peak * ((1 - alpha) * cosine + alpha);
  },
};
