import { conv2d, dense, flatten, maxPooling2d, type LayerSpec } from '../../src/nn/spec.ts';
import { randomStream } from '../../src/random.ts';
import { sequential } from '../../src/training/factories.ts';
import type { Model } from '../../src/training/model.ts';
import type { SequentialOptions } from '../../src/training/options.ts';

/** A network for 6×6 RGB images in three classes that trains in milliseconds. */
export const smallNetwork: readonly LayerSpec[] = [
  conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [6, 6, 3] }),
  maxPooling2d(),
  flatten(),
  dense({ units: 3, activation: 'softmax' }),
];

/** The small network, compiled. */
export function smallModel(options: SequentialOptions = {}): Model {
  const model = sequential(smallNetwork, { threads: 2, ...options });
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

/** Images whose class is the brightest of their channels: easy to learn. */
export function brightestChannel(count: number): { x: Uint8Array; y: Uint8Array } {
  const random = randomStream(1, 'test');
  const x = new Uint8Array(count * 108);
  const y = new Uint8Array(count);
  for (let image = 0; image < count; image++) {
    y[image] = random.below(3);
    for (let i = 0; i < 108; i++) x[image * 108 + i] = random.below(128) + (i % 3 === y[image] ? 127 : 0);
  }
  return { x, y };
}
