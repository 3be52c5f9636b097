import { pow } from '../../ieeeMath.ts';
import { flag, refuseUnknown } from '../layers/options.ts';
import { above, atLeast } from '../numberOptions.ts';
import type { ScheduleConfig, ScheduleDefinition } from './schedule.ts';

export interface PolynomialDecayOptions {
  initialLearningRate: number;
  decaySteps: number;
  /** 0.0001 by default. */
  endLearningRate?: number;
  /** 1, linear, by default. */
  power?: number;
  /** Whether it begins anew after decaySteps, each time for one more decaySteps; false by default. */
  cycle?: boolean;
}

export interface PolynomialDecayConfig extends ScheduleConfig, Readonly<Required<PolynomialDecayOptions>> {
  readonly name: 'polynomialDecay';
}

const OPTIONS = ['name', 'initialLearningRate', 'decaySteps', 'endLearningRate', 'power', 'cycle'];

/** From initialLearningRate to endLearningRate as (1 − step / decaySteps)^power goes from 1 to 0. @throws OptionError */
export function polynomialDecay(options: PolynomialDecayOptions): PolynomialDecayConfig {
  const name = 'polynomialDecay';
  refuseUnknown(name, options, OPTIONS);
  const { endLearningRate = 1e-4, power = 1, cycle = false } = options;
  return {
    name,
    initialLearningRate: atLeast(name, 'initialLearningRate', options.initialLearningRate, 0),
    decaySteps: above(name, 'decaySteps', options.decaySteps, 0),
    endLearningRate: atLeast(name, 'endLearningRate', endLearningRate, 0),
    power: atLeast(name, 'power', power, 0),
    cycle: flag(name, 'cycle', cycle),
  };
}

export const polynomialDecayDefinition: ScheduleDefinition<PolynomialDecayConfig> = {
  name: 'polynomialDecay',
  configure: polynomialDecay,
  rate({ initialLearningRate, decaySteps, endLearningRate, power, cycle }, step) {
    // A cycle is the first multiple of decaySteps that the step does not exceed.
    const steps = cycle ? decaySteps * (step === 0 ? 1 : Math.ceil(step / decaySteps)) : decaySteps;
    const completed = Math.min(step, steps) / steps;
    return (initialLearningRate - endLearningRate) * pow(1 - completed, power) + endLearningRate;
  },
};
