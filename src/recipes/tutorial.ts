/** What `simdnet train` does if it is told nothing: the network of TensorFlow's CIFAR-10 tutorial, trained as there, for longer. */
import { networkPreset } from '../networks/registry.ts';
import { categoricalCrossentropy } from '../nn/losses/categoricalCrossentropy.ts';
import { adam } from '../nn/optimizers/adam.ts';
import type { Recipe } from './recipe.ts';
import { completeTask } from './task.ts';
import { PLAIN_VIEW } from './views.ts';

const NETWORK = 'tutorial';

export const tutorial: Recipe = {
  name: 'tutorial',
  description: 'a first network, 71 % on CIFAR-10',
  network: NETWORK,
  epochs: 15,
  batchSize: 64,
  validationSplit: 0.2,
  views: [PLAIN_VIEW],
  layers: ({ inputShape, classes }) => networkPreset(NETWORK, { inputShape, classes }),
  plan: (task) => {
    const { inputShape, classes, epochs, batchSize, validationSplit } = completeTask(tutorial, task);
    return {
      layers: tutorial.layers({ inputShape, classes }),
      compile: { optimizer: adam(), loss: categoricalCrossentropy(), metrics: ['accuracy'] },
      fit: { epochs, batchSize, validationSplit, dropRemainder: false, augment: [] },
      prepare: () => Promise.resolve(),
      callbacks: () => ({}),
    };
  },
};
