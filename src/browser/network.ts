/** The network that the page trains: a preset, the tutorial's with the sizes that were chosen. Pure. */
import { networkPreset, NETWORKS } from '../networks/registry.ts';
import { definitionOf } from '../nn/layers/definition.ts';
import { buildNetwork, type Network } from '../nn/network.ts';
import { operationsOf } from '../nn/operationsCount.ts';
import { size, type Shape } from '../nn/shape.ts';
import type { LayerSpec } from '../nn/spec.ts';
import { IMAGES } from '../nn/symbolic.ts';
import { TUTORIAL, type Settings } from './settings.ts';

export interface NetworkChoice {
  readonly name: string;
  /** What it is, in a line. */
  readonly description: string;
}

/** The networks to choose from. */
export function networkChoices(): NetworkChoice[] {
  return NETWORKS.map(({ name, description }) => ({ name, description }));
}

/** What the network depends on. */
export type NetworkSettings = Pick<Settings, 'network' | 'filters' | 'units' | 'dropout'>;

/**
 * The layers of the preset that was chosen, for some images and classes; of the tutorial's with other numbers of filters and
 * units.
 * @param inputShape  [height, width, channels]
 */
export function networkOf(
  { network, filters, units, dropout }: NetworkSettings,
  classes: number,
  inputShape: Shape = [32, 32, 3],
): LayerSpec[] {
  const layers = networkPreset(network, { inputShape, classes, dropout });
  if (network !== TUTORIAL) return layers;
  const remaining = [...filters];
  return layers.map((layer) => {
    if (layer.type === 'conv2d') return { ...layer, filters: remaining.shift() ?? layer.filters };
    if (layer.type === 'dense' && layer.activation !== 'softmax') return { ...layer, units };
    return layer;
  });
}

export interface LayerRow {
  readonly name: string;
  /** What it does, in a few words. */
  readonly description: string;
  readonly outputShape: readonly number[];
  readonly parameters: number;
  /** Which rows' outputs it takes, counted from 0; −1 is the image. */
  readonly from: readonly number[];
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
  const rows = new Map(network.layers.map(({ name }, i) => [name, i]));
  rows.set(IMAGES, -1);
  return {
    inputShape: network.inputShape,
    layers: network.layers.map(({ name, outputShape, weights }, i) => ({
      name,
      description: definitionOf(network.specs[i]!).describe(network.specs[i]!),
      outputShape,
      parameters: weights.reduce((sum, { shape }) => sum + size(shape), 0),
      from: network.inputs[i]!.map((input) => rows.get(input)!),
    })),
    parameters: network.parameterCount,
    operations: trainingOperations(network),
  };
}

/** Operations for one image in a training step by the textbook, a multiply-add as two. */
export function trainingOperations(network: Network): number {
  return operationsOf(network).training;
}
