import { OptionError } from '../../errors.ts';
import { refuseUnknown } from '../layers/options.ts';
import { atLeast, numbers } from '../numberOptions.ts';
import type { ScheduleConfig, ScheduleDefinition } from './schedule.ts';

export interface PiecewiseConstantDecayOptions {
  /** The last step of each value but the last, rising. */
  boundaries: readonly number[];
  /** One more than there are boundaries. */
  values: readonly number[];
}

export interface PiecewiseConstantDecayConfig
  extends ScheduleConfig, Readonly<PiecewiseConstantDecayOptions> {
  readonly name: 'piecewiseConstantDecay';
}

/** One value after another: values[i] up to and including step boundaries[i]. @throws OptionError */
export function piecewiseConstantDecay(options: PiecewiseConstantDecayOptions): PiecewiseConstantDecayConfig {
  const name = 'piecewiseConstantDecay';
  refuseUnknown(name, options, ['name', 'boundaries', 'values']);
  const boundaries = numbers(name, 'boundaries', options.boundaries);
  const values = numbers(name, 'values', options.values, (...value) => atLeast(...value, 0));
  if (values.length !== boundaries.length + 1) {
    throw new OptionError(
      `${name}: there must be one more of values than of boundaries, not ${values.length} and ${boundaries.length}.`,
    );
  }
  const falling = boundaries.findIndex((boundary, i) => i > 0 && boundary <= boundaries[i - 1]!);
  if (falling > 0) {
    throw new OptionError(
      `${name}: boundaries must rise, but ${boundaries[falling]!} follows ${boundaries[falling - 1]!}.`,
    );
  }
  return { name, boundaries, values };
}

export const piecewiseConstantDecayDefinition: ScheduleDefinition<PiecewiseConstantDecayConfig> = {
  name: 'piecewiseConstantDecay',
  configure: piecewiseConstantDecay,
  rate({ boundaries, values }, step) {
    const piece = boundaries.findIndex((boundary) => step <= boundary);
    return piece < 0 ? values.at(-1)! : values[piece]!;
  },
};
