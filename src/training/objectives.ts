/** How a model was told to learn, as objectives for targets of either kind. */
import { OptionError } from '../errors.ts';
import { refuseUnknown } from '../nn/layers/options.ts';
import type { LossConfig } from '../nn/losses/loss.ts';
import { configureLoss, lossDefinition } from '../nn/losses/registry.ts';
import type { MetricConfig } from '../nn/metrics/metric.ts';
import { configureMetric } from '../nn/metrics/registry.ts';
import type { Network } from '../nn/network.ts';
import { objectiveOf, type Objective } from '../nn/objective.ts';
import type { OptimizerConfig } from '../nn/optimizers/optimizer.ts';
import { configureOptimizer } from '../nn/optimizers/registry.ts';
import { checkMultipliers } from '../nn/optimizers/weightSettings.ts';
import { quoted } from '../quoted.ts';
import type { ExampleKind } from './examples.ts';
import type { CompileOptions } from './options.ts';

/** Loss and metrics, and the objectives made of them so far. */
export class Objectives {
  readonly loss: LossConfig;
  readonly metrics: readonly MetricConfig[];
  /** That for the targets that the loss prefers, all of which count alike. */
  readonly usual: Objective;
  readonly #network: Network;
  readonly #made = new Map<string, Objective>();

  /** @throws OptionError if they do not fit the network whatever targets are like */
  constructor(network: Network, loss: LossConfig, metrics: readonly MetricConfig[]) {
    this.#network = network;
    this.loss = loss;
    this.metrics = metrics;
    this.usual = this.for({ layout: lossDefinition(loss).layouts[0]!, weighted: false });
  }

  /** The same for the same kind of examples. @throws OptionError if a metric cannot be had of them */
  for({ layout, weighted }: ExampleKind): Objective {
    const key = `${layout} ${weighted}`;
    let objective = this.#made.get(key);
    if (!objective) {
      const { loss, metrics } = this;
      const { outputShape } = this.#network;
      objective = objectiveOf({ loss, metrics, layout, weighted, outputShape });
      this.#made.set(key, objective);
    }
    return objective;
  }
}

/** How a model was told to learn, complete. */
export interface CompiledOptions {
  readonly optimizer: OptimizerConfig;
  readonly loss: LossConfig;
  readonly metrics: readonly MetricConfig[];
}

export interface Compiled {
  readonly optimizer: OptimizerConfig;
  readonly objectives: Objectives;
}

/** @throws OptionError for what is not known or out of range, or does not fit the network */
export function compiled(network: Network, options: CompileOptions): Compiled {
  refuseUnknown('compile', options, ['optimizer', 'loss', 'metrics']);
  const { optimizer, loss, metrics = [] } = options;
  if (!Array.isArray(metrics)) {
    throw new OptionError(`compile: metrics must be a list, not ${quoted(metrics)}.`);
  }
  for (const [name, given] of Object.entries({ optimizer, loss })) {
    if ((given as unknown) === undefined)
      throw new OptionError(`compile needs ${name === 'loss' ? 'a' : 'an'} ${name}.`);
  }
  const configured = configureOptimizer(optimizer);
  // What is frozen may be trained later, or was.
  const trainable = network.weights.filter(({ state }) => !state).map(({ name }) => name);
  checkMultipliers(configured, trainable);
  const objectives = new Objectives(network, configureLoss(loss), metrics.map(configureMetric));
  return { optimizer: configured, objectives };
}

/** Whether it ends in a softmax, so that it puts out how probable each class is. */
export function isClassifier({ specs }: Pick<Network, 'specs'>): boolean {
  const last = specs.at(-1)!;
  return ('activation' in last && last.activation === 'softmax') || last.type === 'softmax';
}

/** What a model that was not told is judged by: a classifier, by how often it is right. */
export function usualObjectives(network: Network): Objectives {
  if (!isClassifier(network)) {
    throw new OptionError(
      `Call compile({ optimizer: 'adam', loss: 'meanSquaredError' }) before evaluate: only what ends in a softmax has a usual loss.`,
    );
  }
  return new Objectives(network, configureLoss('categoricalCrossentropy'), [configureMetric('accuracy')]);
}
