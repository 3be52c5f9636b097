import { dense, flatten } from '../nn/spec.ts';
import { chain, dropping, type NetworkPreset } from './preset.ts';

export const mlp: NetworkPreset = {
  name: 'mlp',
  description: 'two hidden dense layers of 512 units: no convolution at all',
  inputShape: [28, 28, 1],
  classes: 10,
  build: ({ inputShape, classes, dropout }) =>
    chain(inputShape, [
      flatten(),
      dense({ units: 512, activation: 'relu' }),
      ...dropping(dropout),
      dense({ units: 512, activation: 'relu' }),
      ...dropping(dropout),
      dense({ units: classes, activation: 'softmax' }),
    ]),
};
