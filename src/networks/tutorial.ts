import { conv2d, dense, flatten, maxPooling2d, type LayerSpec } from '../nn/spec.ts';
import { chain, dropping, type NetworkPreset } from './preset.ts';

export const tutorial: NetworkPreset = {
  name: 'tutorial',
  description: 'three 3×3 convolutions and two dense layers: the CIFAR-10 tutorial’s of TensorFlow',
  inputShape: [32, 32, 3],
  classes: 10,
  build: ({ inputShape, classes, dropout }) =>
    chain(inputShape, [
      conv2d({ filters: 32, kernelSize: 3, padding: 'same', activation: 'relu' }),
      maxPooling2d({ poolSize: 2 }),
      conv2d({ filters: 64, kernelSize: 3, padding: 'same', activation: 'relu' }),
      maxPooling2d({ poolSize: 2 }),
      conv2d({ filters: 64, kernelSize: 3, padding: 'same', activation: 'relu' }),
      flatten(),
      dense({ units: 64, activation: 'relu' }),
      ...dropping(dropout),
      dense({ units: classes, activation: 'softmax' }),
    ]),
};

/** The convolutional network of TensorFlow's CIFAR-10 tutorial (tensorflow.org/tutorials/images/cnn), with `same` padding. */
export function tutorialNetwork(): LayerSpec[] {
  return tutorial.build({ inputShape: tutorial.inputShape, classes: tutorial.classes, dropout: 0 });
}
