/** The metrics: one line each. */
import { byName } from '../named.ts';
import {
  accuracyDefinition,
  binaryAccuracyDefinition,
  topKCategoricalAccuracyDefinition,
} from './accuracy.ts';
import { precisionDefinition, recallDefinition } from './counts.ts';
import { meanAbsoluteErrorMetricDefinition } from './meanAbsoluteError.ts';
import type { MetricConfig, MetricDefinition } from './metric.ts';

const DEFINITIONS = [
  accuracyDefinition,
  binaryAccuracyDefinition,
  topKCategoricalAccuracyDefinition,
  meanAbsoluteErrorMetricDefinition,
  precisionDefinition,
  recallDefinition,
] as unknown as readonly MetricDefinition[];

const find = byName('metric', DEFINITIONS, { acc: 'accuracy', mae: 'meanAbsoluteError' });

/** The metrics that there are. */
export const METRICS: readonly string[] = DEFINITIONS.map(({ name }) => name);

/** The definition that settings belong to. @throws OptionError if there is no such metric */
export function metricDefinition({ name }: { readonly name: string }): MetricDefinition {
  return find(name);
}

/** Settings from a name, or from settings that may not be complete. @throws OptionError */
export function configureMetric(given: string | MetricConfig): MetricConfig {
  return typeof given === 'string' ? find(given).configure({}) : find(given.name).configure(given);
}
