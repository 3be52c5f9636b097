import { call } from '../../engine/call.ts';
import { flag } from '../layers/options.ts';
import { rateAt } from '../schedules/registry.ts';
import {
  checkEpsilon,
  commonOptions,
  knownOptions,
  type CommonConfig,
  type OptionsOf,
} from './commonOptions.ts';
import { checkDecay, type OptimizerConfig, type OptimizerDefinition } from './optimizer.ts';
import { power } from './power.ts';
import { stepRegisters, updatesBefore } from './registers.ts';

/** What Adam and its relatives have; see assembly/optimizer/adam.ts for what it does. */
export interface AdamSettings extends CommonConfig {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Whether to divide by the largest second moment so far instead of the latest. */
  readonly amsgrad: boolean;
  /**
   * Whether β is rounded to float32 for the bias corrections, as Keras does whatever the precision of the weights: with 0.999 that
   * is 6e-6 of the first step. For following a training of Keras to the last digits.
   */
  readonly float32Corrections: boolean;
}

/** Adam's settings. */
export interface AdamConfig extends AdamSettings, OptimizerConfig {
  readonly name: 'adam';
}

/**
 * Adam in the form of Keras, with its defaults.
 * @throws OptionError for a setting out of range, or one that is not known
 */
export function adam(options: OptionsOf<AdamConfig> = {}): AdamConfig {
  return { name: 'adam', ...adamSettings('adam', options, { learningRate: 1e-3 }) };
}

/** @throws OptionError for a setting out of range, or one that is not known */
export function adamSettings(
  type: string,
  options: object,
  defaults: { readonly learningRate: number; readonly weightDecay?: number },
): AdamSettings {
  knownOptions(type, options, ['beta1', 'beta2', 'epsilon', 'amsgrad', 'float32Corrections']);
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, amsgrad = false, float32Corrections = false } = options;
  const common = commonOptions(type, options, defaults);
  checkDecay('beta1', beta1);
  checkDecay('beta2', beta2);
  checkEpsilon(epsilon);
  return {
    ...common,
    beta1,
    beta2,
    epsilon,
    amsgrad: flag(type, 'amsgrad', amsgrad),
    float32Corrections: flag(type, 'float32Corrections', float32Corrections),
  };
}

type Corrected = Pick<AdamSettings, 'learningRate' | 'beta1' | 'beta2'> &
  Partial<Pick<AdamSettings, 'float32Corrections'>>;

/** The size of update number `update` (from 1), both bias corrections included. */
export function adamRate(
  { learningRate, beta1, beta2, float32Corrections = false }: Corrected,
  update: number,
): number {
  const rate = rateAt(learningRate, update - 1);
  const [first, second] = float32Corrections ? [Math.fround(beta1), Math.fround(beta2)] : [beta1, beta2];
  return (rate * Math.sqrt(1 - power(second, update))) / (1 - power(first, update));
}

type Steps = Pick<OptimizerDefinition<AdamSettings & OptimizerConfig>, 'variables' | 'registers' | 'update'>;

/** How Adam and its relatives take a step: they differ in their settings. */
export const adamSteps: Steps = {
  variables: ({ amsgrad }) => ['momentum', 'velocity', ...(amsgrad ? ['velocity_hat'] : [])],
  registers: (config, step) => {
    const registers = stepRegisters(config, step);
    const { learningRate } = registers;
    return { ...registers, rate: adamRate({ ...config, learningRate }, updatesBefore(config, step) + 1) };
  },
  update: (
    { name, beta1, beta2, epsilon },
    { parameters, gradients, variables: [m, v, vHat = 0], multiplier = 1, blocks },
  ) =>
    call('adam', name, blocks, {
      parameters,
      gradients,
      m: m!,
      v: v!,
      vHat,
      rate: 'rate',
      multiplier,
      beta1,
      beta2,
      epsilon,
    }),
};

export const adamDefinition: OptimizerDefinition<AdamConfig> = {
  name: 'adam',
  configure: adam,
  ...adamSteps,
};
