/** How a network is trained, as Keras writes it: `compile_config`, by which it goes on. */
import type { ExportedNetwork, ExportedTraining } from '../exported.ts';
import type { LossConfig } from '../../nn/losses/loss.ts';
import { lossDefinition } from '../../nn/losses/registry.ts';
import type { OptimizerConfig } from '../../nn/optimizers/optimizer.ts';
import { rateAt, type LearningRate } from '../../nn/schedules/registry.ts';
import { usualLoss } from '../usualLoss.ts';
import { kerasObject, snakeCase, type Json } from './options.ts';

/** Options that Keras has no word for, or that stand elsewhere. */
const OURS = [
  'name',
  'learningRate',
  'excludeFromWeightDecay',
  'lookahead',
  'learningRateMultipliers',
  'float32Corrections',
];

/** As Keras names them. */
const OPTIMIZERS: Readonly<Record<string, string>> = {
  sgd: 'SGD',
  adam: 'Adam',
  adamw: 'AdamW',
  rmsprop: 'RMSprop',
  lion: 'Lion',
};

/** Schedules that Keras has too; of others the rate that they have come to goes along. */
const SCHEDULES = ['cosineDecay', 'exponentialDecay', 'piecewiseConstantDecay', 'polynomialDecay'];

/** What `model.compile` would be given, as JSON. */
export function compileConfigOf(exported: ExportedNetwork, training: ExportedTraining): Json {
  return {
    optimizer: kerasOptimizerOf(training),
    loss: kerasLossOf(training.loss ?? usualLoss(exported.network)),
    loss_weights: null,
    metrics: null,
    weighted_metrics: null,
    run_eagerly: false,
    steps_per_execution: 1,
    jit_compile: false,
  };
}

/** An optimizer that Keras has too. */
export function kerasOptimizerOf({
  optimizer,
  iterations,
}: Pick<ExportedTraining, 'optimizer' | 'iterations'>): Json {
  const { name, learningRate } = optimizer;
  const own = Object.entries(optimizer).filter(
    // JSON from here has 0 for 0.0, and Keras wants its momentum to be a float; 0.0 is what it has by default.
    ([key, value]) => !OURS.includes(key) && !(key === 'momentum' && value === 0),
  );
  const config = {
    name,
    learning_rate: kerasRateOf(learningRate, iterations),
    ...Object.fromEntries(own.map(([key, value]) => [snakeCase(key), value as unknown])),
  };
  return kerasObject('keras.optimizers', OPTIMIZERS[name]!, config, 3);
}

/** Whether its learning rate is a number in Keras, which is a variable there. */
export function hasRateVariable({ learningRate }: OptimizerConfig): boolean {
  return typeof learningRate === 'number' || !SCHEDULES.includes(learningRate.name);
}

function kerasRateOf(learningRate: LearningRate, iterations: number): unknown {
  if (typeof learningRate === 'number' || !SCHEDULES.includes(learningRate.name)) {
    return rateAt(learningRate, iterations);
  }
  const { name, ...options } = learningRate;
  const config = Object.fromEntries(Object.entries(options).map(([key, value]) => [snakeCase(key), value]));
  return kerasObject(
    'keras.optimizers.schedules',
    name.replace(/^./, (letter) => letter.toUpperCase()),
    config,
    3,
  );
}

function kerasLossOf(loss: LossConfig): Json {
  const { name, ...options } = loss;
  const config = Object.entries(options)
    // Keras has it for one of the cross-entropies only.
    .filter(([key]) => !(name === 'sparseCategoricalCrossentropy' && key === 'labelSmoothing'))
    .map(([key, value]): [string, unknown] => [snakeCase(key), value]);
  return kerasObject(
    'keras.losses',
    lossDefinition(loss).kerasName,
    { ...Object.fromEntries(config), reduction: 'sum_over_batch_size' },
    3,
  );
}
