import { call } from '../../engine/call.ts';
import { OptionError } from '../../errors.ts';
import { commonOptions, knownOptions, type OptionsOf } from './commonOptions.ts';
import { checkDecay, type OptimizerConfig, type OptimizerDefinition } from './optimizer.ts';
import { stepRegisters } from './registers.ts';

/** The settings of Lion; see assembly/optimizer/lion.ts for what they do. */
export interface LionConfig extends OptimizerConfig {
  readonly name: 'lion';
  readonly beta1: number;
  readonly beta2: number;
}

/**
 * Lion (Chen et al. 2023) with the options and defaults of Keras: learningRate 0.001, beta1 0.9, beta2 0.99.
 * @throws OptionError for a setting out of range, or one that is not known
 */
export function lion(options: OptionsOf<LionConfig> = {}): LionConfig {
  const given: object = options;
  knownOptions('lion', given, ['beta1', 'beta2']);
  const { beta1 = 0.9, beta2 = 0.99 } = given;
  const common = commonOptions('lion', given, { learningRate: 1e-3 });
  // Without momentum it would be the sign of the gradient; with momentum only, the gradient still comes in by beta2.
  if (!(typeof beta1 === 'number' && beta1 > 0 && beta1 <= 1))
    throw new OptionError(`beta1 must be above 0 and at most 1, not ${String(beta1)}.`);
  checkDecay('beta2', beta2);
  return { name: 'lion', ...common, beta1, beta2 };
}

export const lionDefinition: OptimizerDefinition<LionConfig> = {
  name: 'lion',
  configure: lion,
  variables: () => ['momentum'],
  registers: stepRegisters,
  update: ({ beta1, beta2 }, { parameters, gradients, variables: [momentums], multiplier = 1, blocks }) =>
    call('lion', 'lion', blocks, {
      parameters,
      gradients,
      momentums: momentums!,
      rate: 'rate',
      multiplier,
      beta1,
      beta2,
    }),
};
