import { describe, expect, it } from 'vitest';
import { activation } from '../../src/nn/layers/activation.ts';
import { conv2d, dense, flatten, type LayerSpec } from '../../src/nn/spec.ts';
import { endsInActivation, ofLogits, withSoftmax } from '../../src/training/softmaxed.ts';

const before: readonly LayerSpec[] = [
  conv2d({ filters: 2, kernelSize: 1, inputShape: [2, 2, 1] }),
  flatten(),
];

describe('a softmax behind a network', () => {
  it('has a name of its own', () => {
    const names = (layers: readonly LayerSpec[]) => layers.map(({ name }) => name);
    expect(names(withSoftmax(before)).at(-1)).toBe('softmax');
    expect(names(withSoftmax(withSoftmax(before))).at(-1)).toBe('softmax_1');
  });

  it('takes the place of a sigmoid', () => {
    const sigmoid = dense({ units: 3, activation: 'sigmoid' });
    expect(ofLogits([...before, sigmoid]).at(-1)).toMatchObject({ type: 'dense', activation: 'linear' });
    expect(ofLogits([...before, activation({ activation: 'sigmoid' })])).toEqual(before);
    const tanh = dense({ units: 3, activation: 'tanh' });
    expect(ofLogits([...before, tanh]).at(-1)).toMatchObject({ activation: 'tanh' });
  });

  it('is for what gives logits', () => {
    expect(endsInActivation([...before, dense({ units: 3, activation: 'tanh' })])).toBe(true);
    expect(endsInActivation([...before, dense({ units: 3 })])).toBe(false);
    expect(endsInActivation(before)).toBe(false);
  });
});
