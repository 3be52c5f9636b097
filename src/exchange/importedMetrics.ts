import { OptionError } from '../errors.ts';
import { isObject } from '../isObject.ts';
import type { LossConfig } from '../nn/losses/loss.ts';
import { lossDefinition } from '../nn/losses/registry.ts';
import type { MetricConfig, MetricPlace } from '../nn/metrics/metric.ts';
import { configureMetric, metricDefinition } from '../nn/metrics/registry.ts';

/**
 * The metrics that `compile` of Keras or tfjs was given, as their files have them: names and objects, in lists or by the names of outputs.
 * Those that there are not here, or not with such a loss, are left out.
 * @param json     not trusted
 * @param loss     what it was trained towards
 * @param outputs  how many the network has
 */
export function importedMetrics(
  json: unknown,
  loss: LossConfig | null | undefined,
  outputs: number,
): readonly MetricConfig[] {
  if (!loss) return [];
  const place = { layout: lossDefinition(loss).layouts[0]!, loss, outputs };
  const found = new Map<string, MetricConfig>();
  for (const given of singles(json)) {
    const metric = metricOf(given, place);
    if (metric) found.set(metric.name, metric);
  }
  return [...found.values()];
}

/** Two levels at most: of outputs, and of the metrics of each. */
function singles(json: unknown): readonly unknown[] {
  const contents = (value: unknown): readonly unknown[] => {
    if (Array.isArray(value)) return value as unknown[];
    return isObject(value) && !('class_name' in value) ? Object.values(value) : [value];
  };
  return contents(json).flatMap(contents);
}

const OF_CLASSES = ['categoricalaccuracy', 'sparsecategoricalaccuracy'];
const OF_FIRST_CLASSES = ['topkcategoricalaccuracy', 'sparsetopkcategoricalaccuracy'];

function metricOf(given: unknown, place: MetricPlace): MetricConfig | undefined {
  const { class_name: className, config } = isObject(given) ? given : { class_name: given };
  if (typeof className !== 'string') return undefined;
  const { fn, ...settings } = isObject(config) ? config : {};
  // Keras 2 writes by which function it computes.
  const said = className === 'MeanMetricWrapper' && typeof fn === 'string' ? fn : className;
  const word = said.replaceAll('_', '').toLowerCase();
  // The class of this name, other than the word, compares outputs with targets as they are.
  if (word === 'accuracy' && isObject(given)) return undefined;
  if (OF_CLASSES.includes(word)) {
    return /categoricalCrossentropy$/i.test(place.loss.name) ? configureMetric('accuracy') : undefined;
  }
  const options = Object.entries(settings)
    .filter(([key, value]) => key !== 'name' && key !== 'dtype' && value !== null)
    .map(([key, value]) => [key === 'thresholds' ? 'threshold' : key, value] as const);
  try {
    const metric = configureMetric({
      ...Object.fromEntries(options),
      name: OF_FIRST_CLASSES.includes(word) ? 'topKCategoricalAccuracy' : said,
    });
    metricDefinition(metric).mustFit?.(metric, place);
    return metric;
  } catch (error) {
    if (error instanceof OptionError) return undefined;
    throw error;
  }
}
