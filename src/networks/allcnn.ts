import { conv2d, dense, flatten, type LayerSpec } from '../nn/spec.ts';
import { chain, dropping, type NetworkPreset } from './preset.ts';

/** After the All-CNN of Springenberg et al. 2015: strides instead of poolings. */
export const allcnn: NetworkPreset = {
  name: 'allcnn',
  description: 'six convolutions, two of them with stride 2 instead of a pooling, and a dense layer',
  inputShape: [32, 32, 3],
  classes: 10,
  build: ({ inputShape, classes, dropout }) =>
    chain(inputShape, [
      layer(96, 3),
      layer(96, 3, 2),
      layer(192, 3),
      layer(192, 3, 2),
      layer(192, 1),
      layer(classes, 1),
      flatten(),
      ...dropping(dropout),
      dense({ units: classes, activation: 'softmax' }),
    ]),
};

function layer(filters: number, kernelSize: number, strides = 1): LayerSpec {
  return conv2d({ filters, kernelSize, strides, padding: 'same', activation: 'relu' });
}
