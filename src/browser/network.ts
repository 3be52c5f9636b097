/** The network that the page trains: the tutorial's, with the sizes that were chosen. Pure. */
import { definitionOf } from '../nn/layers/definition.ts';
import { buildNetwork, type Network } from '../nn/network.ts';
import { operationsOf } from '../nn/operationsCount.ts';
import { size } from '../nn/shape.ts';
import type { LayerSpec } from '../nn/spec.ts';
import { tutorialNetwork } from '../networks/tutorial.ts';
import type { Settings } from './settings.ts';

/** The tutorial's layers with other numbers of filters and units, and an output for each class. */
export function networkOf(
  { filters, units }: Pick<Settings, 'filters' | 'units'>,
  classes: number,
): LayerSpec[] {
  const remaining = [...filters];
  return tutorialNetwork().map((layer) => {
    if (layer.type === 'conv2d') return { ...layer, filters: remaining.shift() ?? layer.filters };
    if (layer.type === 'dense') return { ...layer, units: layer.activation === 'softmax' ? classes : units };
    return layer;
  });
}

export interface LayerRow {
  readonly name: string;
  /** What it does, in a few words. */
  readonly description: string;
  readonly outputShape: readonly number[];
  readonly parameters: number;
}

export interface NetworkSummary {
  readonly inputShape: readonly number[];
  readonly layers: readonly LayerRow[];
  readonly parameters: number;
  /** Of one image in training, by the textbook algorithm. */
  readonly operations: number;
}

/** @throws OptionError if the layers do not fit each other */
export function summarizeNetwork(specs: readonly LayerSpec[]): NetworkSummary {
  const network = buildNetwork(specs);
  return {
    inputShape: network.inputShape,
    layers: network.layers.map(({ name, outputShape, weights }, i) => ({
      name,
      description: definitionOf(network.specs[i]!).describe(network.specs[i]!),
      outputShape,
      parameters: weights.reduce((sum, { shape }) => sum + size(shape), 0),
    })),
    parameters: network.parameterCount,
    operations: trainingOperations(network),
  };
}

/** Operations for one image in a training step by the textbook, a multiply-add as two. */
export function trainingOperations(network: Network): number {
  return operationsOf(network).training;
}
