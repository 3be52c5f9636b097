import { conv2d, dense, flatten, maxPooling2d, type LayerSpec } from '../nn/spec.ts';

/** The convolutional network of TensorFlow's CIFAR-10 tutorial (tensorflow.org/tutorials/images/cnn), with `same` padding. */
export function tutorialNetwork(): LayerSpec[] {
  return [
    conv2d({ filters: 32, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [32, 32, 3] }),
    maxPooling2d({ poolSize: 2 }),
    conv2d({ filters: 64, kernelSize: 3, padding: 'same', activation: 'relu' }),
    maxPooling2d({ poolSize: 2 }),
    conv2d({ filters: 64, kernelSize: 3, padding: 'same', activation: 'relu' }),
    flatten(),
    dense({ units: 64, activation: 'relu' }),
    dense({ units: 10, activation: 'softmax' }),
  ];
}
