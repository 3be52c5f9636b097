import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { adam, adamRate } from '../../src/nn/optimizers/adam.ts';

describe('adam', () => {
  it('has the defaults of Keras', () => {
    expect(adam()).toMatchObject({
      name: 'adam',
      learningRate: 1e-3,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-7,
      amsgrad: false,
    });
  });

  it('takes settings', () => {
    const settings = { learningRate: 0.5, beta1: 0, beta2: 0.5, epsilon: 1 };
    expect(adam(settings)).toMatchObject({ name: 'adam', ...settings });
  });

  it.each([
    [{ learningRate: 0 }, 'The learning rate must be a number above 0, not 0.'],
    [{ learningRate: -1 }, 'The learning rate must be a number above 0, not -1.'],
    [{ learningRate: NaN }, 'The learning rate must be a number above 0, not NaN.'],
    [{ learningRate: Infinity }, 'The learning rate must be a number above 0, not Infinity.'],
    [{ beta1: 1 }, 'beta1 must be at least 0 and below 1, not 1.'],
    [{ beta1: -0.1 }, 'beta1 must be at least 0 and below 1, not -0.1.'],
    [{ beta2: 1 }, 'beta2 must be at least 0 and below 1, not 1.'],
    [{ beta2: NaN }, 'beta2 must be at least 0 and below 1, not NaN.'],
    [{ epsilon: 0 }, 'epsilon must be a number above 0, not 0.'],
    [{ epsilon: Infinity }, 'epsilon must be a number above 0, not Infinity.'],
    [{ epsilon: 1e-46 }, 'epsilon must not be below 1e-45, which is 0 in float32: it is 1e-46.'],
  ])('rejects %j', (settings, message) => {
    expect(() => adam(settings)).toThrow(OptionError);
    expect(() => adam(settings)).toThrow(message);
  });
});

describe('adamRate', () => {
  it('corrects the bias of the first steps and tends to the learning rate', () => {
    const config = adam({ learningRate: 0.1 });
    expect(adamRate(config, 1)).toBeCloseTo((0.1 * Math.sqrt(0.001)) / 0.1, 15);
    expect(adamRate(config, 2)).toBeCloseTo((0.1 * Math.sqrt(1 - 0.998001)) / 0.19, 14);
    expect(adamRate(config, 100_000)).toBeCloseTo(0.1, 12);
  });

  it('has the right powers at any step', () => {
    const config = adam({ learningRate: 0.003, beta1: 0.875, beta2: 0.96875 });
    for (const step of [1, 2, 3, 10, 16, 17, 100, 1000, 1_000_000]) {
      const rate = (0.003 * Math.sqrt(1 - 0.96875 ** step)) / (1 - 0.875 ** step);
      expect(adamRate(config, step) / rate).toBeCloseTo(1, 12);
    }
  });
});
