import { call } from '../../engine/call.ts';
import { OptionError } from '../../errors.ts';
import { refuseUnknown } from '../layers/options.ts';
import {
  checkDecay,
  checkLearningRate,
  type OptimizerConfig,
  type OptimizerDefinition,
} from './optimizer.ts';

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
export function sgd(options: Partial<Omit<SgdConfig, 'name'>> = {}): SgdConfig {
  refuseUnknown('sgd', options, ['name', 'learningRate', 'momentum', 'nesterov']);
  const { learningRate = 0.01, momentum = 0, nesterov = false } = options;
  checkLearningRate(learningRate);
  checkDecay('momentum', momentum);
  if (typeof nesterov !== 'boolean') {
    throw new OptionError(`nesterov must be true or false, not ${JSON.stringify(nesterov)}.`);
  }
  return { name: 'sgd', learningRate, momentum, nesterov };
}

export const sgdDefinition: OptimizerDefinition<SgdConfig> = {
  name: 'sgd',
  configure: sgd,
  variables: ({ momentum }) => (momentum === 0 ? [] : ['momentum']),
  registers: ({ learningRate }) => ({ rate: learningRate }),
  update: ({ momentum, nesterov }, { parameters, gradients, variables, blocks }) =>
    call('sgd', 'sgd', blocks, {
      parameters,
      gradients,
      velocities: variables[0] ?? 0,
      rate: 'rate',
      momentum,
      nesterov: nesterov ? 1 : 0,
    }),
};
