import { conv2d, dense, flatten, maxPooling2d } from '../nn/spec.ts';
import { chain, dropping, type NetworkPreset } from './preset.ts';

/** After LeNet-5 (LeCun et al. 1998), with ReLU and max pooling as it is built today. */
export const lenet: NetworkPreset = {
  name: 'lenet',
  description:
    'LeNet-5 with ReLU and max pooling: two 5×5 convolutions, three dense layers, for small grey images',
  inputShape: [28, 28, 1],
  classes: 10,
  build: ({ inputShape, classes, dropout }) =>
    chain(inputShape, [
      conv2d({ filters: 6, kernelSize: 5, padding: 'same', activation: 'relu' }),
      maxPooling2d({ poolSize: 2 }),
      conv2d({ filters: 16, kernelSize: 5, activation: 'relu' }),
      maxPooling2d({ poolSize: 2 }),
      flatten(),
      dense({ units: 120, activation: 'relu' }),
      dense({ units: 84, activation: 'relu' }),
      ...dropping(dropout),
      dense({ units: classes, activation: 'softmax' }),
    ]),
};
