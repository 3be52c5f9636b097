import { pow } from '../../ieeeMath.ts';
import { flag, refuseUnknown } from '../layers/options.ts';
import { above, atLeast } from '../numberOptions.ts';
import type { ScheduleConfig, ScheduleDefinition } from './schedule.ts';

export interface ExponentialDecayOptions {
  initialLearningRate: number;
  /** After how many steps it is decayRate times what it was. */
  decaySteps: number;
  decayRate: number;
  /** Whether it changes at every decaySteps-th step only; false by default. */
  staircase?: boolean;
}

export interface ExponentialDecayConfig extends ScheduleConfig, Readonly<Required<ExponentialDecayOptions>> {
  readonly name: 'exponentialDecay';
}

/** initialLearningRate · decayRate^(step / decaySteps). @throws OptionError */
export function exponentialDecay(options: ExponentialDecayOptions): ExponentialDecayConfig {
  const name = 'exponentialDecay';
  refuseUnknown(name, options, ['name', 'initialLearningRate', 'decaySteps', 'decayRate', 'staircase']);
  const { staircase = false } = options;
  return {
    name,
    initialLearningRate: atLeast(name, 'initialLearningRate', options.initialLearningRate, 0),
    decaySteps: above(name, 'decaySteps', options.decaySteps, 0),
    decayRate: atLeast(name, 'decayRate', options.decayRate, 0),
    staircase: flag(name, 'staircase', staircase),
  };
}

export const exponentialDecayDefinition: ScheduleDefinition<ExponentialDecayConfig> = {
  name: 'exponentialDecay',
  configure: exponentialDecay,
  rate({ initialLearningRate, decaySteps, decayRate, staircase }, step) {
    const periods = step / decaySteps;
    return initialLearningRate * pow(decayRate, staircase ? Math.floor(periods) : periods);
  },
};
