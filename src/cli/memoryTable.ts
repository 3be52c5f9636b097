/** What memory a network takes, as a table and as JSON. */
import { availableParallelism } from 'node:os';
import type { Network } from '../nn/network.ts';
import { memoryUse, type MemoryUse } from '../training/memoryUse.ts';
import { isClassifier } from '../training/objectives.ts';
import { table } from '../training/table.ts';
import { optimizerOf, type OptimizerChoice } from './optimizerOptions.ts';
import { wrap } from './text.ts';
import { count, megabytes } from './units.ts';

export interface MemoryOptions {
  readonly batchSize: number;
  /** All cores if undefined. */
  readonly threads: number | undefined;
  readonly choice: OptimizerChoice;
}

const PARTS: readonly (readonly [name: string, part: keyof MemoryUse])[] = [
  ['Parameters', 'parameters'],
  ['Gradients', 'gradients'],
  ['Optimizer’s variables', 'variables'],
  ['Batches under way', 'slots'],
  ['To train in', 'training'],
  ['To predict in', 'inference'],
  ['In all', 'arena'],
];

/** Plans a network's memory. @throws OptionError if it cannot be trained like that */
export function planMemory(
  network: Network,
  { batchSize, threads = availableParallelism(), choice }: MemoryOptions,
): { readonly json: object; text(width: number): string } {
  const objective = isClassifier(network)
    ? { loss: 'categoricalCrossentropy', metrics: ['accuracy'] }
    : { loss: 'meanSquaredError' };
  const compile = { optimizer: optimizerOf(choice), ...objective };
  const use = memoryUse(network, { batchSize, threads, compile });
  return {
    json: { batchSize, threads, ...choice, ...use },
    text: (width) => {
      const rows = PARTS.map(([name, part]) => [
        name,
        shown(use.training[part]),
        shown(use.prediction[part]),
      ]);
      const columns = [
        { title: 'Engine memory' },
        { title: 'Training', numeric: true },
        { title: 'Prediction', numeric: true },
      ];
      const images = batchSize === 1 ? '1 image' : `${count(batchSize)} images`;
      const inThreads = threads === 1 ? '1 thread' : `${threads} threads`;
      const momentum = choice.momentum ? ` with momentum ${choice.momentum}` : '';
      const note =
        `In batches of ${images}, ${choice.optimizer}${momentum}, ${inThreads}. ` +
        'Training and the predictions in between have the same memory to work in, by turns.';
      return `${table(columns, rows, width)}\n${wrap(note.split(' '), Math.min(width, 79))}`;
    },
  };
}

function shown(bytes: number): string {
  return bytes === 0 ? '' : megabytes(bytes);
}
