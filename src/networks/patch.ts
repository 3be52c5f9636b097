import { conv2d, dense, flatten, maxPooling2d } from '../nn/spec.ts';
import { chain, dropping, type NetworkPreset } from './preset.ts';

/** Large kernels, a stride and overlapping windows at the front, as AlexNet (Krizhevsky et al. 2012) has them. */
export const patch: NetworkPreset = {
  name: 'patch',
  description:
    'convolutions of 7×7 with stride 2, 5×5 and 3×3, one pooling with overlapping windows: an AlexNet in small',
  inputShape: [64, 64, 3],
  classes: 20,
  build: ({ inputShape, classes, dropout }) =>
    chain(inputShape, [
      conv2d({ filters: 48, kernelSize: 7, strides: 2, padding: 'same', activation: 'relu' }),
      maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
      conv2d({ filters: 96, kernelSize: 5, padding: 'same', activation: 'relu' }),
      maxPooling2d({ poolSize: 2 }),
      conv2d({ filters: 128, kernelSize: 3, padding: 'same', activation: 'relu' }),
      flatten(),
      ...dropping(dropout),
      dense({ units: classes, activation: 'softmax' }),
    ]),
};
