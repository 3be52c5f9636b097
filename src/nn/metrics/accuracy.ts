/** How often the right class is named. */
import { call } from '../../engine/call.ts';
import { OptionError } from '../../errors.ts';
import { numberIn, refuseUnknown, whole } from '../layers/options.ts';
import { meanOf, type MetricConfig, type MetricDefinition, type MetricPlace } from './metric.ts';

export interface AccuracyConfig extends MetricConfig {
  readonly name: 'accuracy';
}

/** Of classes, or of yes and no, as the loss and the outputs tell: what Keras does with the word. */
export const accuracyDefinition: MetricDefinition<AccuracyConfig> = {
  name: 'accuracy',
  configure: (options) => {
    refuseUnknown('accuracy', options, ['name']);
    return { name: 'accuracy' };
  },
  logName: () => 'accuracy',
  sums: 1,
  counted: ({ layout }) => layout === 'classes',
  byOrder: (place) => !isBinary(place),
  call: (_, args, place, [values], rows) => {
    const all = { ...args, values: values! };
    if (isBinary(place)) return call('binaryAccuracy', 'accuracy', rows, { ...all, threshold: 0.5 });
    return place.layout === 'classes'
      ? call('sparseCategoricalAccuracy', 'accuracy', rows, all)
      : call('categoricalAccuracy', 'accuracy', rows, all);
  },
  value: meanOf,
};

function isBinary({ layout, loss, outputs }: MetricPlace): boolean {
  return layout === 'values' && (outputs === 1 || loss.name === 'binaryCrossentropy');
}

export interface BinaryAccuracyConfig extends MetricConfig {
  readonly name: 'binaryAccuracy';
  /** Above it, it is a yes; 0.5 by default. */
  readonly threshold: number;
}

/** The share of outputs that are on the right side of a threshold. @throws OptionError for an option out of range */
export function binaryAccuracy(
  options: Partial<Omit<BinaryAccuracyConfig, 'name'>> = {},
): BinaryAccuracyConfig {
  refuseUnknown('binaryAccuracy', options, ['name', 'threshold']);
  const threshold = numberIn('binaryAccuracy', 'threshold', options.threshold ?? 0.5, 0, 1);
  return { name: 'binaryAccuracy', threshold };
}

export const binaryAccuracyDefinition: MetricDefinition<BinaryAccuracyConfig> = {
  name: 'binaryAccuracy',
  configure: binaryAccuracy,
  logName: () => 'binary_accuracy',
  sums: 1,
  byOrder: () => false,
  mustFit: (_, place) => {
    mustHaveValues('binaryAccuracy', place);
  },
  call: ({ threshold }, args, _, [values], rows) =>
    call('binaryAccuracy', 'accuracy', rows, { ...args, threshold, values: values! }),
  value: meanOf,
};

export interface TopKConfig extends MetricConfig {
  readonly name: 'topKCategoricalAccuracy';
  /** Among how many; 5 by default. */
  readonly k: number;
}

/** How often the right class is among the k largest outputs. @throws OptionError for an option out of range */
export function topKCategoricalAccuracy(options: Partial<Omit<TopKConfig, 'name'>> = {}): TopKConfig {
  refuseUnknown('topKCategoricalAccuracy', options, ['name', 'k']);
  return {
    name: 'topKCategoricalAccuracy',
    k: whole('topKCategoricalAccuracy', 'k', options.k ?? 5, 1),
  };
}

export const topKCategoricalAccuracyDefinition: MetricDefinition<TopKConfig> = {
  name: 'topKCategoricalAccuracy',
  configure: topKCategoricalAccuracy,
  logName: () => 'top_k_categorical_accuracy',
  sums: 1,
  byOrder: () => true,
  call: ({ k }, args, { layout }, [values], rows) => {
    const all = { ...args, k, values: values! };
    return layout === 'classes'
      ? call('sparseTopKCategoricalAccuracy', 'accuracy', rows, all)
      : call('topKCategoricalAccuracy', 'accuracy', rows, all);
  },
  value: meanOf,
};

/** @throws OptionError if targets are indices of classes */
export function mustHaveValues(metric: string, { layout }: MetricPlace): void {
  if (layout === 'values') return;
  throw new OptionError(
    `The metric ${metric} compares numbers, but the targets are indices of classes: take accuracy, or a loss of numbers.`,
  );
}
