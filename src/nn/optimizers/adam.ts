import { call } from '../../engine/call.ts';
import { OptionError } from '../../errors.ts';
import { refuseUnknown } from '../layers/options.ts';
import {
  checkDecay,
  checkLearningRate,
  type OptimizerConfig,
  type OptimizerDefinition,
} from './optimizer.ts';

/** Adam's settings; see assembly/optimizer/adam.ts for what they do. */
export interface AdamConfig extends OptimizerConfig {
  readonly name: 'adam';
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/**
 * Adam in the form of Keras, with its defaults.
 * @throws OptionError for a setting out of range
 */
export function adam(options: Partial<Omit<AdamConfig, 'name'>> = {}): AdamConfig {
  refuseUnknown('adam', options, ['name', 'learningRate', 'beta1', 'beta2', 'epsilon']);
  const { learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 } = options;
  checkLearningRate(learningRate);
  checkDecay('beta1', beta1);
  checkDecay('beta2', beta2);
  if (!(epsilon > 0 && epsilon < Infinity))
    throw new OptionError(`epsilon must be a number above 0, not ${epsilon}.`);
  // The engine computes in float32, and where a gradient has always been zero it would divide zero by zero.
  if (Math.fround(epsilon) === 0)
    throw new OptionError(`epsilon must not be below 1e-45, which is 0 in float32: it is ${epsilon}.`);
  return { name: 'adam', learningRate, beta1, beta2, epsilon };
}

/** The size of step number `step` (from 1), both bias corrections included. */
export function adamRate({ learningRate, beta1, beta2 }: AdamConfig, step: number): number {
  return (learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
}

export const adamDefinition: OptimizerDefinition<AdamConfig> = {
  name: 'adam',
  configure: adam,
  variables: () => ['momentum', 'velocity'],
  registers: (config, step) => ({ rate: adamRate(config, step + 1) }),
  update: ({ beta1, beta2, epsilon }, { parameters, gradients, variables: [m, v], blocks }) =>
    call('adam', 'adam', blocks, {
      parameters,
      gradients,
      m: m!,
      v: v!,
      rate: 'rate',
      beta1,
      beta2,
      epsilon,
    }),
};
