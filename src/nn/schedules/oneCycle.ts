import { cos } from '../../ieeeMath.ts';
import { oneOf, positive, refuseUnknown } from '../layers/options.ts';
import { above, atLeast, between } from '../numberOptions.ts';
import type { ScheduleConfig, ScheduleDefinition } from './schedule.ts';

const ANNEALINGS = ['cosine', 'linear'] as const;

export interface OneCycleOptions {
  /** The peak. */
  maxLearningRate: number;
  /** How many steps the training has; the rate stays at its end afterwards. */
  steps: number;
  /** The share of the steps, between 0 and 1, in which the rate rises; 0.3 by default. */
  pctStart?: number;
  /** The first step has maxLearningRate / divFactor; 25 by default. */
  divFactor?: number;
  /** The last step has the rate of the first / finalDivFactor; 10,000 by default. */
  finalDivFactor?: number;
  /** How it rises and falls; 'cosine' by default. */
  annealing?: (typeof ANNEALINGS)[number];
}

export interface OneCycleConfig extends ScheduleConfig, Readonly<Required<OneCycleOptions>> {
  readonly name: 'oneCycle';
}

const OPTIONS = ['maxLearningRate', 'steps', 'pctStart', 'divFactor', 'finalDivFactor', 'annealing'];

/** Up to a peak, then down to nearly nothing (Smith & Topin 2017), as PyTorch's OneCycleLR in two phases. @throws OptionError */
export function oneCycle(options: OneCycleOptions): OneCycleConfig {
  const name = 'oneCycle';
  refuseUnknown(name, options, ['name', ...OPTIONS]);
  const { pctStart = 0.3, divFactor = 25, finalDivFactor = 1e4, annealing = 'cosine' } = options;
  return {
    name,
    maxLearningRate: atLeast(name, 'maxLearningRate', options.maxLearningRate, 0),
    steps: positive(name, 'steps', options.steps),
    pctStart: between(name, 'pctStart', pctStart, 0, 1),
    divFactor: above(name, 'divFactor', divFactor, 0),
    finalDivFactor: above(name, 'finalDivFactor', finalDivFactor, 0),
    annealing: oneOf(name, 'annealing', annealing, ANNEALINGS),
  };
}

export const oneCycleDefinition: ScheduleDefinition<OneCycleConfig> = {
  name: 'oneCycle',
  configure: oneCycle,
  rate({ maxLearningRate, steps, pctStart, divFactor, finalDivFactor, annealing }, step) {
    const first = maxLearningRate / divFactor;
    const last = first / finalDivFactor;
    // The peak is at step pctStart·steps − 1, which need not be whole; without a step before it there is no rise.
    const peak = Math.max(0, pctStart * steps - 1);
    const between = annealing === 'cosine' ? cosineBetween : linearBetween;
    const now = Math.min(step, steps - 1);
    if (now < peak) return between(first, maxLearningRate, now / peak);
    return now === peak ? maxLearningRate : between(maxLearningRate, last, (now - peak) / (steps - 1 - peak));
  },
};

function cosineBetween(from: number, to: number, completed: number): number {
  return to + ((from - to) / 2) * (1 + cos(Math.PI * completed));
}

function linearBetween(from: number, to: number, completed: number): number {
  return (to - from) * completed + from;
}
