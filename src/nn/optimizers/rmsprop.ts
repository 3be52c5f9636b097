import { call } from '../../engine/call.ts';
import { flag } from '../layers/options.ts';
import { checkEpsilon, commonOptions, knownOptions, type OptionsOf } from './commonOptions.ts';
import { checkDecay, type OptimizerConfig, type OptimizerDefinition } from './optimizer.ts';
import { stepRegisters } from './registers.ts';

/** The settings of RMSprop; see assembly/optimizer/rmsprop.ts for what they do. */
export interface RmspropConfig extends OptimizerConfig {
  readonly name: 'rmsprop';
  readonly rho: number;
  readonly momentum: number;
  readonly epsilon: number;
  /** Whether to divide by the gradient's standard deviation instead of its root mean square. */
  readonly centered: boolean;
}

/**
 * RMSprop (Hinton 2012) with the options and defaults of Keras: learningRate 0.001, rho 0.9, momentum 0, epsilon 1e-7,
 * centered false.
 * @throws OptionError for a setting out of range, or one that is not known
 */
export function rmsprop(options: OptionsOf<RmspropConfig> = {}): RmspropConfig {
  const given: object = options;
  knownOptions('rmsprop', given, ['rho', 'momentum', 'epsilon', 'centered']);
  const { rho = 0.9, momentum = 0, epsilon = 1e-7, centered = false } = given;
  const common = commonOptions('rmsprop', given, { learningRate: 1e-3 });
  checkDecay('rho', rho);
  checkDecay('momentum', momentum);
  checkEpsilon(epsilon);
  const isCentered = flag('rmsprop', 'centered', centered);
  return { name: 'rmsprop', ...common, rho, momentum, epsilon, centered: isCentered };
}

export const rmspropDefinition: OptimizerDefinition<RmspropConfig> = {
  name: 'rmsprop',
  configure: rmsprop,
  variables: ({ momentum, centered }) => [
    'velocity',
    ...(momentum > 0 ? ['momentum'] : []),
    ...(centered ? ['average_gradient'] : []),
  ],
  registers: stepRegisters,
  update: (
    { rho, momentum, epsilon, centered },
    { parameters, gradients, variables, multiplier = 1, blocks },
  ) =>
    call('rmsprop', 'rmsprop', blocks, {
      parameters,
      gradients,
      velocities: variables[0]!,
      momentums: momentum > 0 ? variables[1]! : 0,
      averageGradients: centered ? variables.at(-1)! : 0,
      rate: 'rate',
      multiplier,
      rho,
      momentum,
      epsilon,
    }),
};
