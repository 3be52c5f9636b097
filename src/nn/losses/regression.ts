/** Losses of numbers: the mean over the outputs of how far each is off. Targets are [count, outputs]. */
import { call } from '../../engine/call.ts';
import { OptionError } from '../../errors.ts';
import { quoted } from '../../quoted.ts';
import { refuseUnknown } from '../layers/options.ts';
import type { LossConfig, LossDefinition } from './loss.ts';

export interface MeanErrorConfig extends LossConfig {
  readonly name: 'meanSquaredError' | 'meanAbsoluteError';
}

export interface HuberConfig extends LossConfig {
  readonly name: 'huber';
  /** Up to what distance it is squared; 1 by default. */
  readonly delta: number;
}

export function meanSquaredError(): MeanErrorConfig {
  return { name: 'meanSquaredError' };
}

export function meanAbsoluteError(): MeanErrorConfig {
  return { name: 'meanAbsoluteError' };
}

/** Squared where small, linear beyond `delta` (Huber 1964). @throws OptionError for a delta that is not above 0 */
export function huber(options: Partial<Omit<HuberConfig, 'name'>> = {}): HuberConfig {
  refuseUnknown('huber', options, ['name', 'delta']);
  const { delta = 1 } = options;
  if (!(delta > 0 && delta < Infinity)) {
    throw new OptionError(`huber: delta must be a number above 0, not ${quoted(delta)}.`);
  }
  return { name: 'huber', delta };
}

function mean(name: MeanErrorConfig['name'], kerasName: string): LossDefinition<MeanErrorConfig> {
  return {
    name,
    kerasName,
    layouts: ['values'],
    configure: (options) => {
      refuseUnknown(name, options, ['name']);
      return { name };
    },
    fuses: () => undefined,
    call: (_, args, __, rows) => call(name, 'loss', rows, args),
  };
}

export const meanSquaredErrorDefinition = mean('meanSquaredError', 'MeanSquaredError');
export const meanAbsoluteErrorDefinition = mean('meanAbsoluteError', 'MeanAbsoluteError');

export const huberDefinition: LossDefinition<HuberConfig> = {
  name: 'huber',
  kerasName: 'Huber',
  layouts: ['values'],
  configure: huber,
  fuses: () => undefined,
  call: ({ delta }, args, _, rows) => call('huber', 'loss', rows, { ...args, delta }),
};
