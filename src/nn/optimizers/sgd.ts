import { call } from '../../engine/call.ts';
import { flag } from '../layers/options.ts';
import { commonOptions, knownOptions, type OptionsOf } from './commonOptions.ts';
import { checkDecay, type OptimizerConfig, type OptimizerDefinition } from './optimizer.ts';
import { stepRegisters } from './registers.ts';

/** The settings of gradient descent; see assembly/optimizer/sgd.ts for what they do. */
export interface SgdConfig extends OptimizerConfig {
  readonly name: 'sgd';
  readonly momentum: number;
  readonly nesterov: boolean;
}

/**
 * Gradient descent with the options and defaults of Keras: learningRate 0.01, momentum 0, nesterov false.
 * @throws OptionError for a setting out of range, or one that is not known
 */
export function sgd(options: OptionsOf<SgdConfig> = {}): SgdConfig {
  const given: object = options;
  knownOptions('sgd', given, ['momentum', 'nesterov']);
  const { momentum = 0, nesterov = false } = given;
  const common = commonOptions('sgd', given, { learningRate: 0.01 });
  checkDecay('momentum', momentum);
  return { name: 'sgd', ...common, momentum, nesterov: flag('sgd', 'nesterov', nesterov) };
}

export const sgdDefinition: OptimizerDefinition<SgdConfig> = {
  name: 'sgd',
  configure: sgd,
  variables: ({ momentum }) => (momentum === 0 ? [] : ['momentum']),
  registers: stepRegisters,
  update: (
    { momentum, nesterov },
    { parameters, gradients, variables: [velocities = 0], multiplier = 1, blocks },
  ) =>
    call('sgd', 'sgd', blocks, {
      parameters,
      gradients,
      velocities,
      rate: 'rate',
      multiplier,
      momentum,
      nesterov: nesterov ? 1 : 0,
    }),
};
