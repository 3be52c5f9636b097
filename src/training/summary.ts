import { definitionOf } from '../nn/layers/definition.ts';
import type { WeightSpec } from '../nn/layers/layer.ts';
import type { Network } from '../nn/network.ts';
import { size } from '../nn/shape.ts';
import { IMAGES } from '../nn/symbolic.ts';

/**
 * The table that Keras' `summary` prints: a row for each layer, with what it takes where that is not always the layer before
 * it, then the number of parameters.
 */
export function summarize(network: Network): string {
  const taken = network.specs.map(({ inputs }, i) => inputs ?? [network.layers[i - 1]?.name ?? IMAGES]);
  const chain = taken.every(
    (inputs, i) => inputs.length === 1 && inputs[0] === (network.layers[i - 1]?.name ?? IMAGES),
  );
  const rows = network.layers.map((layer, i) => [
    `${layer.name} (${definitionOf(network.specs[i]!).kerasName})`,
    `(None, ${layer.outputShape.join(', ')})`,
    count(layer.weights).toLocaleString('en'),
    ...(chain ? [] : [taken[i]!.join(', ')]),
  ]);
  const header = ['Layer (type)', 'Output Shape', 'Param #', ...(chain ? [] : ['Connected to'])];
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)) + 2);
  const line = (left: string, middle: string, right: string, fill: string): string =>
    left + widths.map((width) => fill.repeat(width)).join(middle) + right;
  const format = (row: readonly string[]): string => {
    const cells = row.map((cell, i) =>
      i === 2 ? `${cell.padStart(widths[i]! - 1)} ` : ` ${cell.padEnd(widths[i]! - 1)}`,
    );
    return `│${cells.join('│')}│`;
  };
  const trained = count(weightsOf(network).filter(({ trainable = true }) => trainable));
  const total = network.parameterCount;
  const parameters = (kind: string, number: number): string =>
    `${kind} params: ${number.toLocaleString('en')} (${readableBytes(number * 4)})`;
  return [
    `Model: "${chain ? 'sequential' : 'functional'}"`,
    line('┌', '┬', '┐', '─'),
    format(header),
    line('├', '┼', '┤', '─'),
    ...rows.map(format),
    line('└', '┴', '┘', '─'),
    parameters('Total', total),
    ...(trained === total
      ? []
      : [parameters('Trainable', trained), parameters('Non-trainable', total - trained)]),
  ].join('\n');
}

function weightsOf({ layers }: Network): readonly WeightSpec[] {
  return layers.flatMap(({ weights }) => weights);
}

function count(weights: readonly WeightSpec[]): number {
  return weights.reduce((sum, { shape }) => sum + size(shape), 0);
}

function readableBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 2 ** 20 ? `${(bytes / 1024).toFixed(2)} KB` : `${(bytes / 2 ** 20).toFixed(2)} MB`;
}
