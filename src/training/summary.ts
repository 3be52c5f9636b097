import { kerasNameOf } from '../nn/layers/definition.ts';
import { isChain, type Network } from '../nn/network.ts';
import { size, type Shape } from '../nn/shape.ts';
import { table } from './table.ts';

/** How many numbers a network consists of. */
export interface ParameterCounts {
  readonly total: number;
  readonly trainable: number;
  /** Those that training leaves as they are, and states. */
  readonly nonTrainable: number;
  /** Running statistics and the like, which training changes by other means than gradients. */
  readonly state: number;
}

/**
 * The table that Keras' `summary` prints: a row for each layer, with what it takes where that is not always the layer before
 * it, then the number of parameters.
 * @param width  how many characters there are on a line; what is longer is wrapped within its column
 */
export function summarize(network: Network, width = Infinity): string {
  const chain = isChain(network);
  const rows = network.layers.map((layer, i) => [
    `${layer.name} (${kerasNameOf(layer.type)})`,
    `(None, ${layer.outputShape.join(', ')})`,
    count(layer.weights).toLocaleString('en'),
    ...(chain ? [] : [network.inputs[i]!.join(', ')]),
  ]);
  const columns = [
    { title: 'Layer (type)' },
    { title: 'Output Shape' },
    { title: 'Param #', numeric: true },
    ...(chain ? [] : [{ title: 'Connected to' }]),
  ];
  const { total, trainable, nonTrainable, state } = parameterCounts(network);
  const parameters = (kind: string, number: number): string =>
    `${kind} params: ${number.toLocaleString('en')} (${readableBytes(number * 4)})`;
  return [
    `Model: "${chain ? 'sequential' : 'functional'}"`,
    table(columns, rows, width),
    parameters('Total', total),
    parameters('Trainable', trainable),
    // As Keras counts.
    parameters('Non-trainable', nonTrainable),
    ...(state === 0 ? [] : [`${parameters('State', state)}, among the non-trainable`]),
  ].join('\n');
}

export function parameterCounts({ weights }: Network): ParameterCounts {
  const total = count(weights);
  const trainable = count(weights.filter(({ trained }) => trained));
  const state = count(weights.filter((weight) => weight.state));
  return { total, trainable, nonTrainable: total - trainable, state };
}

/** A network's layers and parameters, for programs. */
export function summaryJson(network: Network): object {
  return {
    type: isChain(network) ? 'sequential' : 'functional',
    inputShape: network.inputShape,
    layers: network.layers.map((layer, i) => ({
      name: layer.name,
      type: layer.type,
      outputShape: layer.outputShape,
      parameters: count(layer.weights),
      inputs: network.inputs[i]!,
    })),
    parameters: parameterCounts(network),
  };
}

function count(weights: readonly { readonly shape: Shape }[]): number {
  return weights.reduce((sum, { shape }) => sum + size(shape), 0);
}

function readableBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1 << 20 ? `${(bytes / 1024).toFixed(2)} KB` : `${(bytes / (1 << 20)).toFixed(2)} MB`;
}
