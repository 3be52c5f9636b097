/** How far numbers are off, on average. */
import { call } from '../../engine/call.ts';
import { refuseUnknown } from '../layers/options.ts';
import { mustHaveValues } from './accuracy.ts';
import { meanOf, type MetricConfig, type MetricDefinition } from './metric.ts';

export interface MeanAbsoluteErrorMetricConfig extends MetricConfig {
  readonly name: 'meanAbsoluteError';
}

export const meanAbsoluteErrorMetricDefinition: MetricDefinition<MeanAbsoluteErrorMetricConfig> = {
  name: 'meanAbsoluteError',
  configure: (options) => {
    refuseUnknown('meanAbsoluteError', options, ['name']);
    return { name: 'meanAbsoluteError' };
  },
  logName: () => 'mean_absolute_error',
  sums: 1,
  byOrder: () => false,
  mustFit: (_, place) => {
    mustHaveValues('meanAbsoluteError', place);
  },
  call: (_, args, __, [losses], rows) =>
    call('meanAbsoluteError', 'error', rows, { ...args, scale: 1, dPredictions: 0, losses: losses! }),
  value: meanOf,
};
