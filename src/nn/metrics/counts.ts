/** How many of those named are right, and how many of the right ones are named. */
import { call } from '../../engine/call.ts';
import { numberIn, refuseUnknown } from '../layers/options.ts';
import { mustHaveValues } from './accuracy.ts';
import type { MetricConfig, MetricDefinition } from './metric.ts';

export interface CountsConfig extends MetricConfig {
  readonly name: 'precision' | 'recall';
  /** Above it, it is a yes; 0.5 by default. */
  readonly threshold: number;
}

/** Of the outputs above the threshold, the share whose target is 1. @throws OptionError for an option out of range */
export function precision(options: Partial<Omit<CountsConfig, 'name'>> = {}): CountsConfig {
  return configure('precision', options);
}

/** Of the outputs whose target is 1, the share above the threshold. @throws OptionError for an option out of range */
export function recall(options: Partial<Omit<CountsConfig, 'name'>> = {}): CountsConfig {
  return configure('recall', options);
}

function configure(name: CountsConfig['name'], options: Partial<Omit<CountsConfig, 'name'>>): CountsConfig {
  refuseUnknown(name, options, ['name', 'threshold']);
  return { name, threshold: numberIn(name, 'threshold', options.threshold ?? 0.5, 0, 1) };
}

function define(name: CountsConfig['name']): MetricDefinition<CountsConfig> {
  return {
    name,
    configure: (options) => configure(name, options),
    logName: () => name,
    sums: 2,
    byOrder: () => false,
    mustFit: (_, place) => {
      mustHaveValues(name, place);
    },
    call: ({ threshold }, args, _, [right, all], rows) =>
      call('countPositives', name, rows, {
        ...args,
        threshold,
        truePositives: right!,
        predictedPositives: name === 'precision' ? all! : 0,
        actualPositives: name === 'recall' ? all! : 0,
      }),
    // Of none, none is right: Keras calls that 0.
    value: ([right, all]) => (all === 0 ? 0 : right! / all!),
  };
}

export const precisionDefinition = define('precision');
export const recallDefinition = define('recall');
