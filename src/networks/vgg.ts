import { conv2d, dense, flatten, maxPooling2d, type LayerSpec } from '../nn/spec.ts';
import { chain, dropping, type NetworkPreset } from './preset.ts';

/** After the networks of Simonyan & Zisserman 2015, as small as CIFAR-10 wants it. */
export const vgg: NetworkPreset = {
  name: 'vgg',
  description:
    'three pairs of 3×3 convolutions (64, 128, 256), each with a pooling behind it, and two dense layers',
  inputShape: [32, 32, 3],
  classes: 10,
  build: ({ inputShape, classes, dropout }) =>
    chain(inputShape, [
      ...block(64),
      ...block(128),
      ...block(256),
      flatten(),
      dense({ units: 256, activation: 'relu' }),
      ...dropping(dropout),
      dense({ units: classes, activation: 'softmax' }),
    ]),
};

function block(filters: number): LayerSpec[] {
  const layer = (): LayerSpec => conv2d({ filters, kernelSize: 3, padding: 'same', activation: 'relu' });
  return [layer(), layer(), maxPooling2d({ poolSize: 2 })];
}
