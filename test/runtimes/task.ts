/** What program.ts is given to do. */
import { INITIALIZERS } from '../../src/nn/initializers/registry.ts';
import { conv2d, dense, flatten } from '../../src/nn/spec.ts';
import { everyLayer } from '../training/everyLayer.ts';
import type { Task } from './program.ts';

const shape = { kernelSize: 3, filters: 6, inputShape: [5, 5, 4] } as const;

/** Every layer, and every initializer by its name. */
export function task(threads: number): Task {
  const initial = INITIALIZERS.flatMap((kernelInitializer) => [
    [flatten({ inputShape: [1, 1, 17] }), dense({ units: 9, kernelInitializer })],
    [conv2d({ ...shape, kernelInitializer })],
  ]);
  return { layers: everyLayer(), initial, threads };
}
