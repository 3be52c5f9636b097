import { layerDefinition } from '../nn/layers/registry.ts';
import type { Network } from '../nn/network.ts';
import { size } from '../nn/shape.ts';

/** The table that Keras' `summary` prints: a row for each layer, then the number of parameters. */
export function summarize(network: Network): string {
  const rows = network.layers.map((layer) => [
    `${layer.name} (${layerDefinition(layer.type)!.kerasName})`,
    `(None, ${layer.outputShape.join(', ')})`,
    layer.weights.reduce((sum, { shape }) => sum + size(shape), 0).toLocaleString('en'),
  ]);
  const header = ['Layer (type)', 'Output Shape', 'Param #'];
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)) + 2);
  const line = (left: string, middle: string, right: string, fill: string): string =>
    left + widths.map((width) => fill.repeat(width)).join(middle) + right;
  const format = (row: readonly string[]): string => {
    const cells = row.map((cell, i) =>
      i === 2 ? `${cell.padStart(widths[i]! - 1)} ` : ` ${cell.padEnd(widths[i]! - 1)}`,
    );
    return `│${cells.join('│')}│`;
  };
  const bytes = network.parameterCount * 4;
  return [
    'Model: "sequential"',
    line('┌', '┬', '┐', '─'),
    format(header),
    line('├', '┼', '┤', '─'),
    ...rows.map(format),
    line('└', '┴', '┘', '─'),
    `Total params: ${network.parameterCount.toLocaleString('en')} (${readableBytes(bytes)})`,
  ].join('\n');
}

function readableBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 2 ** 20 ? `${(bytes / 1024).toFixed(2)} KB` : `${(bytes / 2 ** 20).toFixed(2)} MB`;
}
