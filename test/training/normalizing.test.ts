import { expect, it } from 'vitest';
import { activation } from '../../src/nn/layers/activation.ts';
import { dense, flatten } from '../../src/nn/spec.ts';
import { normalized } from '../../src/training/normalizing.ts';

it('gives the normalization a number, where another layer has its name', () => {
  const layers = normalized([
    flatten({ inputShape: [2, 2, 1] }),
    dense({ units: 1, name: 'normalization' }),
    activation({ activation: 'relu', name: 'normalization_1' }),
  ]);
  expect(layers.map(({ type, name }) => [type, name])).toEqual([
    ['normalization', 'normalization_2'],
    ['flatten', 'flatten'],
    ['dense', 'normalization'],
    ['activation', 'normalization_1'],
  ]);
});
