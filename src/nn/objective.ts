/** What a network is trained towards and judged by: its loss, with the metrics that are reported. */
import { call } from '../engine/call.ts';
import { offsetBy, type Address } from '../engine/pointer.ts';
import { together, type Instruction } from '../engine/program.ts';
import type { LossConfig, TargetLayout } from './losses/loss.ts';
import { lossDefinition } from './losses/registry.ts';
import type { MetricConfig, MetricDefinition, MetricPlace } from './metrics/metric.ts';
import { metricDefinition } from './metrics/registry.ts';
import type { PlanContext } from './operations/operation.ts';
import { size, type Shape } from './shape.ts';

export interface ObjectiveSettings {
  readonly loss: LossConfig;
  readonly metrics: readonly MetricConfig[];
  readonly layout: TargetLayout;
  /** Whether images count differently. */
  readonly weighted: boolean;
  readonly outputShape: Shape;
}

export interface ObjectiveArguments {
  readonly context: PlanContext;
  /** What the network puts out; where {@link fused}, in front of the activation that the loss takes over. */
  readonly predictions: Address;
  readonly fused: boolean;
  /** What it puts out behind that activation. */
  readonly answer: Address;
  readonly targets: Address;
  readonly weights: Address;
  /** Where the gradient goes; 0 where none is wanted. */
  readonly dPredictions: Address;
  /** Where the sums go. */
  readonly results: Address;
}

/** What has been summed up over batches. */
export interface Totals {
  /** As {@link Objective.results}; that of the regularization is weighted by the images of each batch. */
  readonly sums: Float64Array;
  /** How many images there were. */
  readonly count: number;
}

/** Where the sum of the losses stands among the results, and what regularizers add to each image's loss. */
export const LOSS = 0;
export const REGULARIZATION = 1;

export interface Objective {
  readonly layout: TargetLayout;
  readonly weighted: boolean;
  /** How many numbers the target of an image has. */
  readonly targetSize: number;
  /** The name of an activation at the network's end that the loss takes over. */
  readonly fuses: string | undefined;
  /** How many numbers are summed up for each batch. */
  readonly results: number;
  /** Whether the network's output is needed behind the activation that the loss takes over. */
  readonly needsAnswer: boolean;
  plan(args: ObjectiveArguments): (count: number) => readonly Instruction[];
  /** The mean loss, and the metrics by what they are called in logs. */
  logs(totals: Totals): Record<string, number> & { loss: number };
}

/** @throws OptionError if loss, metrics and network do not fit each other */
export function objectiveOf(settings: ObjectiveSettings): Objective {
  const { loss: config, layout, weighted, outputShape } = settings;
  const loss = lossDefinition(config);
  const outputs = outputShape.at(-1)!;
  const rowsPerImage = size(outputShape) / outputs;
  const place: MetricPlace = { layout, loss: config, outputs };
  const metrics = placeMetrics(settings.metrics, place);
  loss.mustFit?.(config, outputs);
  return {
    layout,
    weighted,
    targetSize: layout === 'classes' ? rowsPerImage : size(outputShape),
    fuses: loss.fuses(config),
    results: 2 + metrics.reduce((sum, { definition }) => sum + definition.sums, 0),
    needsAnswer: metrics.some(({ definition, config: own }) => !definition.byOrder(place, own)),
    plan: (args) => planObjective(settings, metrics, args),
    logs: ({ sums, count }) => {
      const rows = count * rowsPerImage;
      const values = metrics.map(({ definition, config: own, first }): [string, number] => {
        const parts = [...sums.subarray(first, first + definition.sums)];
        return [definition.logName(own), definition.value(parts, rows)];
      });
      return { loss: sums[LOSS]! / rows + sums[REGULARIZATION]! / count, ...Object.fromEntries(values) };
    },
  };
}

interface PlacedMetric {
  readonly definition: MetricDefinition;
  readonly config: MetricConfig;
  /** Where its first sum stands among the results. */
  readonly first: number;
}

function placeMetrics(configs: readonly MetricConfig[], place: MetricPlace): PlacedMetric[] {
  let next = REGULARIZATION + 1;
  return configs.map((config) => {
    const definition = metricDefinition(config);
    definition.mustFit?.(config, place);
    const first = next;
    next += definition.sums;
    return { definition, config, first };
  });
}

function planObjective(
  { loss: config, layout, weighted, outputShape }: ObjectiveSettings,
  metrics: readonly PlacedMetric[],
  args: ObjectiveArguments,
): (count: number) => readonly Instruction[] {
  const { context, fused, dPredictions, results } = args;
  const loss = lossDefinition(config);
  const outputs = outputShape.at(-1)!;
  const rowsPerImage = size(outputShape) / outputs;
  const perRow = (): Address => context.allocate(context.batch * rowsPerImage * 8);
  const losses = perRow();
  const place: MetricPlace = { layout, loss: config, outputs };
  const counts = loss.countsCorrect?.(layout, fused, config) ?? false;
  const planned = metrics.map((metric) => ({
    ...metric,
    values: Array.from({ length: metric.definition.sums }, perRow),
    counted: counts && (metric.definition.counted?.(place) ?? false),
  }));
  const shared = { targets: args.targets, outputs, rowsPerImage };
  return (count) => {
    const rows = count * rowsPerImage;
    const lossArguments = {
      ...shared,
      predictions: args.predictions,
      weights: weighted ? args.weights : 0,
      scale: 1 / rows,
      dPredictions,
      losses,
    };
    const correct = planned.find(({ counted }) => counted)?.values[0] ?? 0;
    const calls = planned
      .filter(({ counted }) => !counted)
      .map(({ definition, config: own, values }) => {
        const predictions = fused && !definition.byOrder(place, own) ? args.answer : args.predictions;
        return definition.call(own, { ...shared, predictions, weights: 0 }, place, values, rows);
      });
    const sum = (values: Address, index: number): Instruction =>
      call('sumRows', 'loss', 1, { values, rows, target: offsetBy(results, index * 8) });
    return [
      ...together([loss.call(config, lossArguments, { layout, fused, correct }, rows), ...calls]),
      ...together([
        sum(losses, LOSS),
        ...planned.flatMap(({ values, first }) => values.map((each, i) => sum(each, first + i))),
      ]),
    ];
  };
}
