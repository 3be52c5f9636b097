/** The options of the optimizers, and what they ask the engine to do. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FormatError, OptionError } from '../../src/errors.ts';
import { adam, adamRate, type AdamConfig } from '../../src/nn/optimizers/adam.ts';
import { adamw } from '../../src/nn/optimizers/adamw.ts';
import { fromKeras } from '../../src/nn/optimizers/fromKeras.ts';
import { lion } from '../../src/nn/optimizers/lion.ts';
import { muon } from '../../src/nn/optimizers/muon.ts';
import type { OptimizerConfig } from '../../src/nn/optimizers/optimizer.ts';
import { power } from '../../src/nn/optimizers/power.ts';
import { effectsOf } from '../../src/nn/optimizers/registers.ts';
import { configureOptimizer, OPTIMIZERS, optimizerDefinition } from '../../src/nn/optimizers/registry.ts';
import { rmsprop } from '../../src/nn/optimizers/rmsprop.ts';
import { sgd } from '../../src/nn/optimizers/sgd.ts';
import { checkMultipliers, weightSettings } from '../../src/nn/optimizers/weightSettings.ts';

const common = {
  weightDecay: null,
  excludeFromWeightDecay: [],
  clipnorm: null,
  globalClipnorm: null,
  clipvalue: null,
  useEma: false,
  lookahead: null,
  emaMomentum: 0.99,
  gradientAccumulationSteps: null,
  learningRateMultipliers: {},
};
const adamDefaults = {
  learningRate: 0.001,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-7,
  amsgrad: false,
  float32Corrections: false,
};

const DEFAULTS = {
  adam: { ...common, ...adamDefaults },
  adamw: { ...common, ...adamDefaults, weightDecay: 0.004 },
  lion: { ...common, learningRate: 0.001, beta1: 0.9, beta2: 0.99 },
  muon: {
    ...common,
    learningRate: 0.02,
    momentum: 0.95,
    nesterov: true,
    nsSteps: 5,
    nsCoefficients: [3.4445, -4.775, 2.0315],
    epsilon: 1e-7,
    adjustLearningRate: 'original',
    normalizeWeights: false,
    exclude: [],
    sgdMomentum: 0.9,
  },
  rmsprop: { ...common, learningRate: 0.001, rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false },
  sgd: { ...common, learningRate: 0.01, momentum: 0, nesterov: false },
} as const;

describe('the optimizers', () => {
  it('have the defaults of Keras, but for Muon, which has its author’s', () => {
    expect(OPTIMIZERS).toEqual(Object.keys(DEFAULTS));
    for (const [name, defaults] of Object.entries(DEFAULTS)) {
      expect(configureOptimizer(name)).toEqual({ name, ...defaults });
    }
    expect([adam(), adamw(), lion(), muon(), rmsprop(), sgd()].map(({ name }) => name)).toEqual(OPTIMIZERS);
  });

  it('take their own settings as complete', () => {
    for (const name of OPTIMIZERS) {
      const given = configureOptimizer(name);
      expect(configureOptimizer(given)).toEqual(given);
      expect(configureOptimizer(JSON.parse(JSON.stringify(given)) as typeof given)).toEqual(given);
    }
  });

  it('are called by their names', () => {
    expect(() => configureOptimizer('adan')).toThrow('There is no optimizer "adan"; did you mean "adam"?');
    expect(() => configureOptimizer('frobnicate')).toThrow(
      'there are adam, adamw, lion, muon, rmsprop, sgd.',
    );
  });

  it.each(OPTIMIZERS)('%s checks what all of them share', (name) => {
    const configure = (options: object) => () => optimizerDefinition({ name }).configure(options);
    for (const [options, message] of WRONG) {
      expect(configure(options)).toThrow(OptionError);
      expect(configure(options)).toThrow(message.replace('NAME', name));
    }
    const options = {
      learningRate: 0.5,
      weightDecay: 0,
      excludeFromWeightDecay: ['bias'],
      globalClipnorm: 1,
      useEma: true,
      emaMomentum: 1,
      gradientAccumulationSteps: 2,
      learningRateMultipliers: { dense: 0 },
    };
    expect(configure(options)()).toMatchObject(options);
  });

  it.each([
    [() => sgd({ momentum: 1 }), 'momentum must be at least 0 and below 1, not 1.'],
    [() => sgd({ nesterov: 1 as unknown as boolean }), 'sgd: nesterov must be true or false, not 1.'],
    [() => adam({ amsgrad: 'no' as unknown as boolean }), 'adam: amsgrad must be true or false, not "no".'],
    [() => adamw({ weightDecay: null as unknown as number }), 'adamw: weightDecay must be a number'],
    [() => adamw({ epsilon: 1e-46 }), 'epsilon must not be below 1e-45'],
    [() => rmsprop({ rho: 1 }), 'rho must be at least 0 and below 1, not 1.'],
    [() => rmsprop({ momentum: -1 }), 'momentum must be at least 0 and below 1, not -1.'],
    [() => rmsprop({ epsilon: 1e-46 }), 'epsilon must not be below 1e-45'],
    [() => lion({ beta1: 0 }), 'beta1 must be above 0 and at most 1, not 0.'],
    [() => lion({ beta2: 1 }), 'beta2 must be at least 0 and below 1, not 1.'],
    [() => lion({ epsilon: 1 } as object), 'lion has no option "epsilon".'],
  ])('check their own options: %#', (configure, message) => {
    expect(configure).toThrow(OptionError);
    expect(configure).toThrow(message);
  });
});

const WRONG: readonly (readonly [object, string])[] = [
  [{ learningrate: 1 }, 'NAME has no option "learningrate". Did you mean "learningRate"?'],
  [{ learningRate: 0 }, 'The learning rate must be a number above 0, not 0.'],
  [
    { learningRate: '1' },
    'The learning rate must be a number, a schedule or a function of the step, not "1".',
  ],
  [
    { learningRate: null },
    'The learning rate must be a number, a schedule or a function of the step, not null.',
  ],
  [{ weightDecay: -1 }, 'NAME: weightDecay must be a number of at least 0, not -1.'],
  [{ weightDecay: NaN }, 'NAME: weightDecay must be a number of at least 0, not NaN.'],
  [{ excludeFromWeightDecay: 'bias' }, 'NAME: excludeFromWeightDecay must be a list of parts of weights'],
  [{ excludeFromWeightDecay: [''] }, 'such as ["bias"], not [""].'],
  [{ clipnorm: 0 }, 'NAME: clipnorm must be a number above 0, not 0.'],
  [{ globalClipnorm: Infinity }, 'NAME: globalClipnorm must be a number above 0, not Infinity.'],
  [{ clipvalue: '1' }, 'NAME: clipvalue must be a number above 0, not "1".'],
  [{ clipnorm: 1, clipvalue: 1 }, 'NAME: clipnorm and clipvalue exclude each other; leave only one.'],
  [{ useEma: 'yes' }, 'NAME: useEma must be true or false, not "yes".'],
  [{ emaMomentum: 1.1 }, 'NAME: emaMomentum must be a number from 0 to 1, not 1.1.'],
  [{ gradientAccumulationSteps: 1 }, 'NAME: gradientAccumulationSteps must be a whole number of at least 2'],
  [{ learningRateMultipliers: [1] }, 'NAME: learningRateMultipliers must be factors by the names'],
  [{ learningRateMultipliers: { dense: -1 } }, 'the learningRateMultiplier of "dense" must be a number'],
];

describe('what an optimizer keeps for each weight', () => {
  const variables = (config: Parameters<typeof configureOptimizer>[0]): readonly string[] => {
    const configured = configureOptimizer(config);
    return optimizerDefinition(configured).variables(configured);
  };

  it.each([
    [sgd(), []],
    [sgd({ momentum: 0.9 }), ['momentum']],
    [adam(), ['momentum', 'velocity']],
    [adamw({ amsgrad: true }), ['momentum', 'velocity', 'velocity_hat']],
    [rmsprop(), ['velocity']],
    [rmsprop({ centered: true }), ['velocity', 'average_gradient']],
    [rmsprop({ momentum: 0.5, centered: true }), ['velocity', 'momentum', 'average_gradient']],
    [lion(), ['momentum']],
    [muon(), ['momentum']],
  ])('has the names and the order of Keras: %#', (config, names) => {
    expect(variables(config)).toEqual(names);
  });
});

describe('a step', () => {
  it.each([
    [sgd(), [], [1, 2, 0, 'rate', 0.5, 0, 0]],
    [sgd({ momentum: 0.9, nesterov: true }), [3], [1, 2, 3, 'rate', 0.5, 0.9, 1]],
    [adam(), [3, 4], [1, 2, 3, 4, 0, 'rate', 0.5, 0.9, 0.999, 1e-7]],
    [adamw({ amsgrad: true }), [3, 4, 5], [1, 2, 3, 4, 5, 'rate', 0.5, 0.9, 0.999, 1e-7]],
    [rmsprop(), [3], [1, 2, 3, 0, 0, 'rate', 0.5, 0.9, 0, 1e-7]],
    [rmsprop({ momentum: 0.5 }), [3, 4], [1, 2, 3, 4, 0, 'rate', 0.5, 0.9, 0.5, 1e-7]],
    [rmsprop({ centered: true }), [3, 4], [1, 2, 3, 0, 4, 'rate', 0.5, 0.9, 0, 1e-7]],
    [rmsprop({ momentum: 0.5, centered: true }), [3, 4, 5], [1, 2, 3, 4, 5, 'rate', 0.5, 0.9, 0.5, 1e-7]],
    [lion(), [3], [1, 2, 3, 'rate', 0.5, 0.9, 0.99]],
    [muon({ sgdMomentum: 0.75 }), [3], [1, 2, 3, 'rate', 0.5, 0.75, 1]],
  ])('gives each variable its place: %#', (config, variables, expected) => {
    const addresses = { parameters: 1, gradients: 2, variables, multiplier: 0.5, blocks: 7 };
    const instruction = optimizerDefinition(config).update(config, addresses);
    expect(instruction.arguments).toEqual(expected);
    expect(instruction.items).toBe(7);
  });

  it('has the learning rate, corrected or not, and the momentum of the average in registers', () => {
    for (const each of [sgd, rmsprop, lion, muon, adam, adamw]) {
      const config = each({ learningRate: 0.25, emaMomentum: 0.8 });
      const registers = (step: number): object => optimizerDefinition(config).registers(config, step);
      expect(registers(0)).toEqual({ rate: rateOf(config, 1), learningRate: 0.25, average: 0, lookahead: 0 });
      expect(registers(5)).toEqual({
        rate: rateOf(config, 6),
        learningRate: 0.25,
        average: 0.8,
        lookahead: 0,
      });
    }
  });

  it('counts batches for schedules and updates for all else, as Keras does', () => {
    for (const each of [sgd, rmsprop, lion, muon, adam, adamw]) {
      const learningRate = (batch: number): number => 1 + batch;
      const config = each({ learningRate, emaMomentum: 0.8, gradientAccumulationSteps: 3 });
      const registers = (batch: number): object => optimizerDefinition(config).registers(config, batch);
      const rate = (batch: number, update: number): number =>
        rateOf({ ...config, learningRate: learningRate(batch) }, update);
      expect(registers(2)).toEqual({ rate: rate(2, 1), learningRate: 3, average: 0, lookahead: 0 });
      expect(registers(3)).toEqual({ rate: rate(3, 2), learningRate: 4, average: 0.8, lookahead: 0 });
      expect(registers(8)).toEqual({ rate: rate(8, 3), learningRate: 9, average: 0.8, lookahead: 0 });
      expect([0, 1, 2, 3, 4, 5].map((batch) => effectsOf(config, batch).updates)).toEqual([
        false,
        false,
        true,
        false,
        false,
        true,
      ]);
    }
    expect([0, 1].map((batch) => effectsOf(sgd(), batch).updates)).toEqual([true, true]);
  });
});

/** What a constant learning rate becomes in an update. */
function rateOf(config: OptimizerConfig, update: number): number {
  if (config.name.startsWith('adam')) return adamRate(config as AdamConfig, update);
  return config.learningRate as number;
}

describe('what applies to a weight', () => {
  it('is the weight decay, unless its name is excluded', () => {
    const config = adamw({ weightDecay: 0.5, excludeFromWeightDecay: ['bias', 'norm'] });
    expect(weightSettings(config, 'dense/kernel')).toEqual({ multiplier: 1, weightDecay: 0.5 });
    expect(weightSettings(config, 'dense/bias')).toEqual({ multiplier: 1, weightDecay: 0 });
    expect(weightSettings(config, 'norm_1/gamma')).toEqual({ multiplier: 1, weightDecay: 0 });
    expect(weightSettings(sgd(), 'dense/kernel')).toEqual({ multiplier: 1, weightDecay: 0 });
  });

  it('is the last multiplier that fits, which decay follows', () => {
    const learningRateMultipliers = { 'conv2d*': 0.5, conv2d_1: 0.25, 'conv2d_1/bias': 2, '*.x': 3 };
    const config = adamw({ weightDecay: 0.5, learningRateMultipliers });
    const multiplier = (name: string): number => weightSettings(config, name).multiplier;
    expect(multiplier('conv2d/kernel')).toBe(0.5);
    expect(multiplier('conv2d_1/kernel')).toBe(0.25);
    expect(multiplier('conv2d_1/bias')).toBe(2);
    expect(multiplier('conv2d_10/bias')).toBe(0.5);
    expect(multiplier('dense/bias')).toBe(1);
    expect(multiplier('a.x/kernel')).toBe(3);
    expect(multiplier('aax/kernel')).toBe(1);
    expect(weightSettings(config, 'conv2d/kernel').weightDecay).toBe(0.25);
  });

  it('is no multiplier of a name that there is not', () => {
    const names = ['conv2d/kernel', 'conv2d/bias', 'dense/kernel'];
    const check = (pattern: string) => () => {
      checkMultipliers(sgd({ learningRateMultipliers: { [pattern]: 1 } }), names);
    };
    for (const pattern of ['conv2d', 'dense/kernel', '*/bias', '*']) expect(check(pattern)).not.toThrow();
    expect(check('conv2')).toThrow(OptionError);
    expect(check('conv2')).toThrow(
      '"conv2", which is no layer or weight that can be trained. Did you mean "conv2d"?',
    );
    expect(check('zzz')).toThrow('There are conv2d/kernel, conv2d/bias, dense/kernel.');
  });
});

describe('fromKeras', () => {
  const base = {
    name: 'x',
    learning_rate: 0.003,
    weight_decay: null,
    clipnorm: null,
    global_clipnorm: null,
    clipvalue: null,
    use_ema: false,
    ema_momentum: 0.99,
    ema_overwrite_frequency: null,
    loss_scale_factor: null,
    gradient_accumulation_steps: null,
  };
  const adamKeys = { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, amsgrad: false, float32Corrections: false };

  it('reads the optimizers as Keras 3 writes them', () => {
    const learningRate = 0.003;
    expect(fromKeras('SGD', { ...base, momentum: 0.85, nesterov: true, weight_decay: 0.01 })).toEqual(
      sgd({ learningRate, momentum: 0.85, nesterov: true, weightDecay: 0.01 }),
    );
    expect(fromKeras('Adam', { ...base, ...adamKeys, clipnorm: 0.5 })).toEqual(
      adam({ learningRate, clipnorm: 0.5, float32Corrections: true }),
    );
    const averaged = { weight_decay: 0.01, global_clipnorm: 0.7, use_ema: true, ema_momentum: 0.8 };
    expect(fromKeras('AdamW', { ...base, ...adamKeys, ...averaged })).toEqual(
      adamw({
        learningRate,
        weightDecay: 0.01,
        globalClipnorm: 0.7,
        useEma: true,
        emaMomentum: 0.8,
        float32Corrections: true,
      }),
    );
    const rmspropKeys = { rho: 0.8, momentum: 0.5, epsilon: 1e-6, centered: true };
    expect(fromKeras('RMSprop', { ...base, ...rmspropKeys, gradient_accumulation_steps: 3 })).toEqual(
      rmsprop({ learningRate, ...rmspropKeys, gradientAccumulationSteps: 3 }),
    );
    expect(fromKeras('Lion', { ...base, beta_1: 0.8, beta_2: 0.9, clipvalue: 2 })).toEqual(
      lion({ learningRate, beta1: 0.8, beta2: 0.9, clipvalue: 2 }),
    );
  });

  it('reads schedules', () => {
    const config = {
      initial_learning_rate: 0,
      decay_steps: 4,
      alpha: 0.1,
      warmup_target: 0.05,
      warmup_steps: 2,
    };
    const schedule = { class_name: 'CosineDecay', config };
    const read = fromKeras('SGD', { ...base, learning_rate: schedule });
    const rates = [0, 1, 2].map((step) => optimizerDefinition(read).registers(read, step).rate);
    expect(rates).toEqual([0, 0.025, 0.05]);
    expect(configureOptimizer(JSON.parse(JSON.stringify(read)) as typeof read)).toEqual(read);
  });

  it('takes 0 for none where Keras does', () => {
    const zeros = { clipnorm: 0, global_clipnorm: 0, clipvalue: 0, gradient_accumulation_steps: 0 };
    expect(fromKeras('SGD', { ...base, ...zeros })).toEqual(sgd({ learningRate: 0.003 }));
  });

  it.each([
    ['Nadam', base, 'Keras\' optimizer Nadam: There is no optimizer "Nadam"; did you mean "adam"?'],
    ['toString', base, 'There is no optimizer "toString"'],
    ['SGD', { ...base, ema_overwrite_frequency: 100 }, 'has an ema_overwrite_frequency of 100; only null'],
    ['SGD', { ...base, learning_rate: { class_name: 'Sawtooth', config: {} } }, 'Sawtooth'],
    [
      'SGD',
      { ...base, learning_rate: null },
      'learning rate must be a number above 0 or a schedule, not null',
    ],
    ['SGD', { ...base, beta_1: 0.9 }, 'Keras\' optimizer SGD: sgd has no option "beta1".'],
    ['AdamW', { ...base, ...adamKeys, weight_decay: null }, 'adamw: weightDecay must be'],
  ])('refuses what there is none like here: %s %#', (className, config, message) => {
    expect(() => fromKeras(className, config)).toThrow(FormatError);
    expect(() => fromKeras(className, config)).toThrow(message);
  });

  it('reads those of the cases that Keras computed', () => {
    const folder = new URL('../fixtures/keras/', import.meta.url);
    const cases = readdirSync(folder, { withFileTypes: true }).filter((each) => each.isDirectory());
    for (const { name } of cases) {
      const text = readFileSync(new URL(`${name}/case.json`, folder), 'utf8');
      const { optimizer } = JSON.parse(text) as {
        optimizer: { class_name: string; config: Readonly<Record<string, unknown>> };
      };
      const { learningRate } = fromKeras(optimizer.class_name, optimizer.config);
      const given = optimizer.config.learning_rate;
      if (typeof given === 'number') expect(learningRate).toBe(given);
      else expect(learningRate).toBeTypeOf('object');
    }
  });
});

describe('power', () => {
  it('multiplies', () => {
    expect([0, 1, 2, 3, 10, 31].map((exponent) => power(2, exponent))).toEqual([1, 2, 4, 8, 1024, 2 ** 31]);
    expect(power(0, 0)).toBe(1);
    expect(power(0, 5)).toBe(0);
    expect(power(0.9, 2)).toBe(0.9 * 0.9);
    expect(power(0.999, 2 ** 40)).toBe(0);
  });
});
