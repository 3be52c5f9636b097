/** What an optimizer knows, as the same one of TensorFlow.js keeps it. */
import type { TfjsTensor } from '../../formats/tfjs/encode.ts';
import { weightName, type Layer } from '../../nn/layers/layer.ts';
import type { LossConfig } from '../../nn/losses/loss.ts';
import type { Network } from '../../nn/network.ts';
import type { OptimizerConfig } from '../../nn/optimizers/optimizer.ts';
import { trainedNames } from '../../nn/parameters.ts';
import { rateAt } from '../../nn/schedules/registry.ts';
import { size } from '../../nn/shape.ts';
import type { ExportedTraining } from '../exported.ts';
import { snakeCase } from '../keras/options.ts';
import { usualLoss } from '../usualLoss.ts';
import { TFJS_OPTIMIZERS } from './optimizers.ts';
import { tfjsWeightName } from './weightNames.ts';

export interface TfjsTraining {
  readonly trainingConfig: object;
  readonly tensors: readonly TfjsTensor[];
}

/**
 * The optimizer as tfjs reads it back. Of a schedule it gets the rate of the next step.
 * @param layers  in the order of tfjs, by which it finds what belongs to which weight
 * @returns undefined if tfjs does not have the optimizer, one of its settings, or the loss, without which it takes no optimizer
 */
export function exportOptimizer(
  { optimizer, iterations, variables, loss: given }: ExportedTraining,
  network: Network,
  layers: readonly Layer[],
): TfjsTraining | undefined {
  const known = TFJS_OPTIMIZERS.find((each) => each.is(optimizer));
  const loss = given ?? usualLoss(network);
  if (!known || !isPlain(optimizer) || !isTfjsLoss(loss)) return undefined;
  const settings = known.settings(optimizer, rateAt(optimizer.learningRate, iterations));
  const trained = new Set(trainedNames(network));
  const weights = layers.flatMap((layer) =>
    layer.weights
      .filter(({ name }) => trained.has(weightName(layer.name, name)))
      .map(({ name, shape }) => ({
        name: weightName(layer.name, name),
        shape,
        stored: tfjsWeightName(layer, name),
      })),
  );
  const kinds = variables.size === 0 ? [] : known.kinds(settings);
  const tensors = kinds.flatMap(({ suffix, name: own, factor = 1 }) =>
    weights.map(({ name, shape, stored }): TfjsTensor => {
      const kept = variables.get(`${name}/${own ?? ''}`)?.data ?? new Float32Array(size(shape));
      const data = factor === 1 ? kept : kept.map((value) => value / factor);
      return { name: `${stored}/${suffix}`, shape, dtype: 'float32', data, group: 'optimizer' };
    }),
  );
  return {
    trainingConfig: {
      loss: snakeCase(loss.name),
      metrics: [],
      optimizer_config: { class_name: known.className, config: settings },
    },
    tensors: [
      { name: 'iter', shape: [], dtype: 'int32', data: Int32Array.of(iterations), group: 'optimizer' },
      ...tensors,
    ],
  };
}

/** Whether it does nothing besides its steps that tfjs does not. */
function isPlain(optimizer: OptimizerConfig): boolean {
  const { weightDecay, clipnorm, globalClipnorm, clipvalue, lookahead, gradientAccumulationSteps, useEma } =
    optimizer;
  const { amsgrad = false } = optimizer as { readonly amsgrad?: boolean };
  const others = [weightDecay, clipnorm, globalClipnorm, clipvalue, lookahead, gradientAccumulationSteps];
  return (
    !others.some(Boolean) &&
    !useEma &&
    !amsgrad &&
    Object.keys(optimizer.learningRateMultipliers).length === 0
  );
}

const TFJS_LOSSES: readonly string[] = [
  'categoricalCrossentropy',
  'sparseCategoricalCrossentropy',
  'binaryCrossentropy',
  'meanSquaredError',
  'meanAbsoluteError',
];

/** Whether tfjs has it: its losses have names and no settings. */
function isTfjsLoss(loss: LossConfig): boolean {
  const { fromLogits, labelSmoothing } = loss as {
    readonly fromLogits?: boolean;
    readonly labelSmoothing?: number;
  };
  return TFJS_LOSSES.includes(loss.name) && !fromLogits && !labelSmoothing;
}
