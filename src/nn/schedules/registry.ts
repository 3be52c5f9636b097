/** The schedules of the learning rate: one line each. */
import { FormatError, OptionError } from '../../errors.ts';
import { isObject } from '../../isObject.ts';
import { quoted } from '../../quoted.ts';
import { byName, ofKeras } from '../named.ts';
import { cosineDecayDefinition } from './cosineDecay.ts';
import { exponentialDecayDefinition } from './exponentialDecay.ts';
import { functionScheduleDefinition, type RateFunction } from './functionSchedule.ts';
import { oneCycleDefinition } from './oneCycle.ts';
import { piecewiseConstantDecayDefinition } from './piecewiseConstantDecay.ts';
import { polynomialDecayDefinition } from './polynomialDecay.ts';
import type { ScheduleConfig, ScheduleDefinition } from './schedule.ts';

const DEFINITIONS = [
  cosineDecayDefinition,
  exponentialDecayDefinition,
  piecewiseConstantDecayDefinition,
  polynomialDecayDefinition,
  oneCycleDefinition,
  functionScheduleDefinition,
] as readonly ScheduleDefinition[];

/** The schedules that there are. */
export const SCHEDULES: readonly string[] = DEFINITIONS.map(({ name }) => name);

const definitionNamed = byName('schedule', DEFINITIONS);

/** A rate that stays, or one that changes. */
export type LearningRate = number | ScheduleConfig;

/** The same, as users give it. */
export type LearningRateOption = LearningRate | RateFunction;

/**
 * A learning rate, checked: a number, a function of the step, or a schedule's settings, which may come from JSON.
 * @throws OptionError if it is none of these, or an option is out of range or not known
 */
export function learningRateOption(value: unknown): LearningRate {
  if (typeof value === 'number') {
    if (isRate(value)) return value;
    throw new OptionError(`The learning rate must be a number above 0, not ${value}.`);
  }
  if (typeof value === 'function') return functionScheduleDefinition.configure({ rate: value });
  if (isObject(value)) return definitionNamed(value.name).configure(value);
  throw new OptionError(
    `The learning rate must be a number, a schedule or a function of the step, not ${quoted(value)}.`,
  );
}

/** The learning rate of a step; the first is step 0, as Keras counts its iterations. */
export function rateAt(learningRate: LearningRate, step: number): number {
  if (typeof learningRate === 'number') return learningRate;
  return definitionNamed(learningRate.name).rate(learningRate, step);
}

/**
 * A learning rate as Keras writes it: a number, or `{ "class_name": "CosineDecay", "config": { "decay_steps": 4, … } }`.
 * @throws FormatError
 */
export function learningRateOfKeras(json: unknown): LearningRate {
  if (typeof json === 'number' && isRate(json)) return json;
  if (!isObject(json)) {
    throw new FormatError(
      `Keras' learning rate must be a number above 0 or a schedule, not ${quoted(json)}.`,
    );
  }
  return ofKeras('schedule', json, (className, options) => definitionNamed(className).configure(options));
}

function isRate(value: number): boolean {
  return value > 0 && value < Infinity;
}
