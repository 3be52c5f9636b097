/** What an optimizer knows, as the same one of TensorFlow.js keeps it. */
import { OptionError } from '../../errors.ts';
import type { TfjsTensor } from '../../formats/tfjs/encode.ts';
import { weightName, type Layer } from '../../nn/layers/layer.ts';
import type { Network } from '../../nn/network.ts';
import type { OptimizerConfig } from '../../nn/optimizers/optimizer.ts';
import { trainedNames } from '../../nn/parameters.ts';
import { rateAt } from '../../nn/schedules/registry.ts';
import { size } from '../../nn/shape.ts';
import type { ExportedTraining } from '../exported.ts';
import { TFJS_OPTIMIZERS } from './optimizers.ts';
import { tfjsWeightName } from './weightNames.ts';

export interface TfjsTraining {
  readonly trainingConfig: object;
  readonly tensors: readonly TfjsTensor[];
}

/**
 * The optimizer as tfjs reads it back. Of a schedule it gets the rate of the next step.
 * @param layers  in the order of tfjs, by which it finds what belongs to which weight
 * @throws OptionError for an optimizer or a setting that tfjs does not have
 */
export function exportOptimizer(
  { optimizer, iterations, variables }: ExportedTraining,
  network: Network,
  layers: readonly Layer[],
): TfjsTraining {
  const known = TFJS_OPTIMIZERS.find((each) => each.is(optimizer));
  if (!known) throw refused(optimizer, 'optimizer like it');
  mustBePlain(optimizer);
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
      loss: usualLoss(network),
      metrics: [],
      optimizer_config: { class_name: known.className, config: settings },
    },
    tensors: [
      { name: 'iter', shape: [], dtype: 'int32', data: Int32Array.of(iterations), group: 'optimizer' },
      ...tensors,
    ],
  };
}

function refused({ name }: OptimizerConfig, what: string): OptionError {
  return new OptionError(
    `The optimizer ${name} cannot go along: tfjs has no ${what}. Export the model without its optimizer.`,
  );
}

/** @throws OptionError if it does something besides its steps that tfjs does not */
function mustBePlain(optimizer: OptimizerConfig): void {
  const { learningRateMultipliers, useEma, ...others } = optimizer;
  const unknown = {
    weightDecay: others.weightDecay,
    clipnorm: others.clipnorm,
    globalClipnorm: others.globalClipnorm,
    clipvalue: others.clipvalue,
    lookahead: others.lookahead,
    gradientAccumulationSteps: others.gradientAccumulationSteps,
    useEma,
    amsgrad: (optimizer as { readonly amsgrad?: boolean }).amsgrad,
    learningRateMultipliers: Object.keys(learningRateMultipliers).length > 0,
  };
  const found = Object.entries(unknown).find(([, value]) => Boolean(value));
  if (found) throw refused(optimizer, found[0]);
}

/** tfjs takes no optimizer without a loss; `compile` can set another and keep the optimizer. */
function usualLoss({ specs }: Network): string {
  const last = specs.at(-1)!;
  const activation = last.type === 'softmax' ? 'softmax' : 'activation' in last ? last.activation : 'linear';
  if (activation === 'softmax') return 'categorical_crossentropy';
  return activation === 'sigmoid' ? 'binary_crossentropy' : 'mean_squared_error';
}
