import { OptionError } from '../../errors.ts';
import { refuseUnknown } from '../layers/options.ts';
import type { ScheduleConfig, ScheduleDefinition } from './schedule.ts';

/** The learning rate of a step; the first is step 0. */
export type RateFunction = (step: number) => number;

/** A function of one's own. It cannot be written to JSON: whoever saves a model has to refuse it. */
export interface FunctionScheduleConfig extends ScheduleConfig {
  readonly name: 'function';
  readonly rate: RateFunction;
}

function functionSchedule(options: { rate?: unknown }): FunctionScheduleConfig {
  refuseUnknown('function', options, ['name', 'rate']);
  if (typeof options.rate !== 'function') {
    throw new OptionError('A schedule that is a function is not kept in files: give the function again.');
  }
  return { name: 'function', rate: options.rate as RateFunction };
}

export const functionScheduleDefinition: ScheduleDefinition<FunctionScheduleConfig> = {
  name: 'function',
  configure: functionSchedule,
  rate({ rate }, step) {
    const given: unknown = rate(step);
    if (typeof given === 'number' && given >= 0 && given < Infinity) return given;
    throw new OptionError(
      `The learning rate's function must give a number of at least 0, but gives ${String(given)} for step ${step}.`,
    );
  },
};
