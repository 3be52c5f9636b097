import { describe, expect, it } from 'vitest';
import { FormatError, OptionError } from '../../src/errors.ts';
import { cosineDecay } from '../../src/nn/schedules/cosineDecay.ts';
import { exponentialDecay } from '../../src/nn/schedules/exponentialDecay.ts';
import { oneCycle } from '../../src/nn/schedules/oneCycle.ts';
import { piecewiseConstantDecay } from '../../src/nn/schedules/piecewiseConstantDecay.ts';
import { polynomialDecay } from '../../src/nn/schedules/polynomialDecay.ts';
import {
  learningRateOfKeras,
  learningRateOption,
  rateAt,
  type LearningRate,
} from '../../src/nn/schedules/registry.ts';

/** The rates of steps 0, 1, 2, … */
const rates = (learningRate: LearningRate, count: number): number[] =>
  Array.from({ length: count }, (_, step) => rateAt(learningRate, step));

/** A few rounding errors of float64. */
function near(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, step) => {
    if (!(Math.abs(value - expected[step]!) <= 2e-15 * Math.abs(expected[step]!) + 1e-18)) {
      throw new Error(`step ${step}: ${value} instead of ${expected[step]!}`);
    }
  });
}

describe('cosineDecay', () => {
  it('falls by half a wave to alpha, and stays there', () => {
    const schedule = cosineDecay({ initialLearningRate: 0.1, decaySteps: 4, alpha: 0.2 });
    const half = Math.SQRT1_2;
    near(rates(schedule, 7), [
      0.1,
      0.1 * (0.8 * 0.5 * (1 + half) + 0.2),
      0.1 * (0.8 * 0.5 + 0.2),
      0.1 * (0.8 * 0.5 * (1 - half) + 0.2),
      0.02,
      0.02,
      0.02,
    ]);
    expect(rateAt(cosineDecay({ initialLearningRate: 0.1, decaySteps: 10 }), 10)).toBe(0);
  });

  it('begins after a warm-up to the target', () => {
    const options = { initialLearningRate: 0.01, decaySteps: 3, warmupTarget: 0.05, warmupSteps: 2 };
    near(rates(cosineDecay(options), 7), [0.01, 0.03, 0.05, 0.0375, 0.0125, 0, 0]);
    // As in Keras, the steps of a warm-up without a target are none.
    near(rates(cosineDecay({ ...options, warmupTarget: null }), 5), [0.01, 0.0075, 0.0025, 0, 0]);
  });

  it('agrees with the formula over a long training', () => {
    const [lr, steps, alpha] = [3e-4, 7813, 0.01];
    const expected = Array.from(
      { length: steps + 2 },
      (_, t) => lr * ((1 - alpha) * 0.5 * (1 + Math.cos((Math.PI * Math.min(t, steps)) / steps)) + alpha),
    );
    near(rates(cosineDecay({ initialLearningRate: lr, decaySteps: steps, alpha }), steps + 2), expected);
  });
});

describe('exponentialDecay', () => {
  it('falls by decayRate every decaySteps', () => {
    const options = { initialLearningRate: 0.01, decaySteps: 2, decayRate: 0.25 };
    near(rates(exponentialDecay(options), 5), [0.01, 0.005, 0.0025, 0.00125, 0.000625]);
    near(rates(exponentialDecay({ ...options, staircase: true }), 5), [0.01, 0.01, 0.0025, 0.0025, 0.000625]);
  });

  it('agrees with the formula over a long training', () => {
    const schedule = exponentialDecay({ initialLearningRate: 0.1, decaySteps: 100, decayRate: 0.96 });
    near(
      rates(schedule, 10_000),
      Array.from({ length: 10_000 }, (_, step) => 0.1 * Math.pow(0.96, step / 100)),
    );
  });
});

describe('polynomialDecay', () => {
  it('is linear by default, and ends at 0.0001', () => {
    const schedule = polynomialDecay({ initialLearningRate: 0.1, decaySteps: 4 });
    const delta = 0.1 - 1e-4;
    near(rates(schedule, 6), [0.1, delta * 0.75 + 1e-4, delta / 2 + 1e-4, delta / 4 + 1e-4, 1e-4, 1e-4]);
  });

  it('takes other powers', () => {
    const options = { initialLearningRate: 1, decaySteps: 4, endLearningRate: 0 };
    near(rates(polynomialDecay({ ...options, power: 2 }), 5), [1, 0.5625, 0.25, 0.0625, 0]);
    near(rates(polynomialDecay({ ...options, power: 0.5 }), 5), [1, Math.sqrt(0.75), Math.sqrt(0.5), 0.5, 0]);
  });

  it('begins anew, each time for longer, if it is cyclic', () => {
    const schedule = polynomialDecay({
      initialLearningRate: 1,
      decaySteps: 2,
      endLearningRate: 0,
      cycle: true,
    });
    near(rates(schedule, 7), [1, 1 / 2, 0, 1 / 4, 0, 1 - 5 / 6, 0]);
  });
});

describe('piecewiseConstantDecay', () => {
  it('keeps a value up to and including its boundary', () => {
    const schedule = piecewiseConstantDecay({ boundaries: [1, 4], values: [1, 0.5, 0.1] });
    expect(rates(schedule, 7)).toEqual([1, 1, 0.5, 0.5, 0.5, 0.1, 0.1]);
    expect(rates(piecewiseConstantDecay({ boundaries: [], values: [0.3] }), 2)).toEqual([0.3, 0.3]);
  });
});

describe('oneCycle', () => {
  const options = { maxLearningRate: 1, steps: 11, pctStart: 5 / 11, divFactor: 5, finalDivFactor: 10 };

  it('rises to the peak and falls to the end, linearly', () => {
    near(rates(oneCycle({ ...options, annealing: 'linear' }), 13), [
      0.2,
      0.4,
      0.6,
      0.8,
      1,
      ...[1, 2, 3, 4, 5, 6].map((n) => 1 - (0.98 * n) / 6),
      0.02,
      0.02,
    ]);
  });

  it('or by half waves', () => {
    const wave = (from: number, to: number, share: number): number =>
      to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share));
    near(rates(oneCycle(options), 12), [
      ...[0, 1, 2, 3].map((n) => wave(0.2, 1, n / 4)),
      ...[0, 1, 2, 3, 4, 5, 6].map((n) => wave(1, 0.02, n / 6)),
      0.02,
    ]);
  });

  it('has the defaults of PyTorch', () => {
    const schedule = oneCycle({ maxLearningRate: 0.5, steps: 100 });
    expect(schedule).toMatchObject({
      pctStart: 0.3,
      divFactor: 25,
      finalDivFactor: 1e4,
      annealing: 'cosine',
    });
    near(
      [0, 29, 99].map((step) => rateAt(schedule, step)),
      [0.02, 0.5, 2e-6],
    );
  });

  it('is a number for one step, and for nothing but rise or fall', () => {
    for (const pctStart of [0, 0.1, 1]) {
      for (const steps of [1, 2, 10]) {
        const all = rates(oneCycle({ maxLearningRate: 1, steps, pctStart }), steps + 2);
        expect(all.every((rate) => rate > 0 && rate <= 1)).toBe(true);
        expect(Math.max(...all)).toBe(1);
      }
    }
  });
});

describe('learningRateOption', () => {
  it('takes numbers, functions and settings', () => {
    expect(rates(learningRateOption(0.1), 2)).toEqual([0.1, 0.1]);
    expect(
      rates(
        learningRateOption((step: number) => 1 / (1 + step)),
        3,
      ),
    ).toEqual([1, 0.5, 1 / 3]);
    const complete = cosineDecay({ initialLearningRate: 0.1, decaySteps: 4 });
    const brief = { name: 'cosine_decay', initialLearningRate: 0.1, decaySteps: 4 };
    expect(learningRateOption(brief)).toEqual(complete);
    expect(learningRateOption(learningRateOption(() => 1))).toMatchObject({ name: 'function' });
  });

  it('gives back complete settings that have been in a file', () => {
    for (const schedule of [
      cosineDecay({ initialLearningRate: 0.1, decaySteps: 4, warmupTarget: 0.2, warmupSteps: 2 }),
      cosineDecay({ initialLearningRate: 0, decaySteps: 1 }),
      exponentialDecay({ initialLearningRate: 0.1, decaySteps: 4, decayRate: 0.9 }),
      polynomialDecay({ initialLearningRate: 0.1, decaySteps: 4 }),
      piecewiseConstantDecay({ boundaries: [1], values: [1, 2] }),
      oneCycle({ maxLearningRate: 1, steps: 3 }),
    ]) {
      expect(learningRateOption(JSON.parse(JSON.stringify(schedule)))).toEqual(schedule);
    }
  });

  const start = { initialLearningRate: 0.1, decaySteps: 4 };
  it.each([
    [-1, 'The learning rate must be a number above 0, not -1.'],
    [NaN, 'The learning rate must be a number above 0, not NaN.'],
    ['fast', 'The learning rate must be a number, a schedule or a function of the step, not "fast".'],
    [{ name: 'cosinDecay' }, 'There is no schedule "cosinDecay"; did you mean "cosineDecay"?'],
    [{ name: 'function' }, 'A schedule that is a function is not kept in files: give the function again.'],
    [
      { name: 'cosineDecay', ...start, warmUpSteps: 3 },
      'cosineDecay has no option "warmUpSteps". Did you mean "warmupSteps"?',
    ],
    [
      { name: 'cosineDecay', initialLearningRate: 0.1 },
      'cosineDecay: decaySteps must be a number above 0, not undefined.',
    ],
    [
      { name: 'exponentialDecay', ...start, decayRate: -1 },
      'exponentialDecay: decayRate must be a number of at least 0, not -1.',
    ],
    [
      { name: 'exponentialDecay', ...start, decayRate: 1, staircase: 1 },
      'exponentialDecay: staircase must be true or false, not 1.',
    ],
    [
      { name: 'piecewiseConstantDecay', boundaries: [1], values: [1] },
      'piecewiseConstantDecay: there must be one more of values than of boundaries, not 1 and 1.',
    ],
    [
      { name: 'piecewiseConstantDecay', boundaries: [2, 2], values: [1, 2, 3] },
      'piecewiseConstantDecay: boundaries must rise, but 2 follows 2.',
    ],
    [
      { name: 'piecewiseConstantDecay', boundaries: [2], values: [1, '2'] },
      'piecewiseConstantDecay: values[1] must be a number of at least 0, not "2".',
    ],
    [
      { name: 'oneCycle', maxLearningRate: 1, steps: 1.5 },
      'oneCycle: steps must be a whole number of at least 1, not 1.5.',
    ],
    [
      { name: 'oneCycle', maxLearningRate: 1, steps: 2, pctStart: 30 },
      'oneCycle: pctStart must be a number between 0 and 1, not 30.',
    ],
  ])('refuses %j', (value, message) => {
    expect(() => learningRateOption(value)).toThrow(message);
    expect(() => learningRateOption(value)).toThrow(OptionError);
  });

  it('refuses what a function gives if it is no rate', () => {
    const schedule = learningRateOption(() => NaN);
    expect(() => rateAt(schedule, 5)).toThrow(
      "The learning rate's function must give a number of at least 0, but gives NaN for step 5.",
    );
  });
});

describe('learningRateOfKeras', () => {
  const keras = (className: string, config: object): unknown => {
    return { module: 'keras.optimizers.schedules', class_name: className, config, registered_name: null };
  };
  it.each([
    [0.5, 0.5],
    [
      keras('CosineDecay', {
        initial_learning_rate: 0,
        decay_steps: 4,
        alpha: 0.1,
        name: 'CosineDecay',
        warmup_target: 0.05,
        warmup_steps: 2,
      }),
      cosineDecay({
        initialLearningRate: 0,
        decaySteps: 4,
        alpha: 0.1,
        warmupTarget: 0.05,
        warmupSteps: 2,
      }),
    ],
    [
      keras('ExponentialDecay', {
        initial_learning_rate: 0.01,
        decay_steps: 2,
        decay_rate: 0.5,
        staircase: false,
        name: 'ExponentialDecay',
      }),
      exponentialDecay({ initialLearningRate: 0.01, decaySteps: 2, decayRate: 0.5 }),
    ],
    [
      keras('PiecewiseConstantDecay', { boundaries: [5], values: [1, 0.1], name: 'PiecewiseConstant' }),
      piecewiseConstantDecay({ boundaries: [5], values: [1, 0.1] }),
    ],
    [
      keras('PolynomialDecay', {
        initial_learning_rate: 0.1,
        decay_steps: 9,
        end_learning_rate: 0.01,
        power: 2,
        cycle: true,
        name: 'PolynomialDecay',
      }),
      polynomialDecay({
        initialLearningRate: 0.1,
        decaySteps: 9,
        endLearningRate: 0.01,
        power: 2,
        cycle: true,
      }),
    ],
  ])('reads %j', (json, expected) => {
    expect(learningRateOfKeras(json)).toEqual(expected);
  });

  it.each([
    [
      keras('InverseTimeDecay', { initial_learning_rate: 0.1 }),
      /^Keras' schedule InverseTimeDecay: There is no schedule "InverseTimeDecay"; there are cosineDecay, /,
    ],
    [
      keras('CosineDecay', { initial_learning_rate: 0.1, decay_steps: 0 }),
      "Keras' schedule CosineDecay: cosineDecay: decaySteps must be a number above 0, not 0.",
    ],
    ['fast', 'Keras\' learning rate must be a number above 0 or a schedule, not "fast".'],
    [-1, "Keras' learning rate must be a number above 0 or a schedule, not -1."],
  ])('refuses %j', (json, message) => {
    expect(() => learningRateOfKeras(json)).toThrow(message);
    expect(() => learningRateOfKeras(json)).toThrow(FormatError);
  });
});
