/** The optimizers of TensorFlow.js, each by the one here that does the same. */
import { OptionError } from '../../errors.ts';
import type { Options } from '../../nn/named.ts';
import { adam, type AdamConfig } from '../../nn/optimizers/adam.ts';
import type { OptimizerConfig } from '../../nn/optimizers/optimizer.ts';
import { rmsprop, type RmspropConfig } from '../../nn/optimizers/rmsprop.ts';
import { sgd, type SgdConfig } from '../../nn/optimizers/sgd.ts';
import { quoted } from '../../quoted.ts';

/** What tfjs keeps for each weight. */
export interface TfjsVariable {
  /** Behind the weight's name: "m". */
  readonly suffix: string;
  /** What it is called here; undefined if nobody needs it. */
  readonly name: string | undefined;
  /** By what it is to be multiplied; 1 by default. */
  readonly factor?: number;
}

export interface TfjsOptimizer {
  readonly className: string;
  /** Whether it does what one here does. */
  is(config: OptimizerConfig): boolean;
  /** Its settings. @param config  for which `is` is true @param learningRate  that of the next step */
  settings(config: OptimizerConfig, learningRate: number): Options;
  /** The complete settings. @throws OptionError for one out of range */
  configure(settings: Options): OptimizerConfig;
  /** What it keeps, in the order in which it is saved. @param settings  which `configure` has taken */
  kinds(settings: Options): readonly TfjsVariable[];
}

/** SGD has a class of its own for momentum. */
export const TFJS_OPTIMIZERS: readonly TfjsOptimizer[] = [
  {
    className: 'Adam',
    is: ({ name }) => name === 'adam',
    settings: (config, learningRate) => {
      const { beta1, beta2, epsilon } = config as AdamConfig;
      return { learningRate, beta1, beta2, epsilon };
    },
    // Its ε is added behind the correction of the second moment, here before: they are the same as soon as that is over.
    configure: ({ learningRate, beta1, beta2, epsilon }) =>
      adam({
        learningRate: numberOf('learningRate', learningRate),
        beta1: numberOf('beta1', beta1),
        beta2: numberOf('beta2', beta2),
        epsilon: epsilonOf(epsilon),
      }),
    kinds: () => [
      { suffix: 'm', name: 'momentum' },
      { suffix: 'v', name: 'velocity' },
    ],
  },
  {
    className: 'SGD',
    is: (config) => config.name === 'sgd' && (config as SgdConfig).momentum === 0,
    settings: (_config, learningRate) => ({ learningRate }),
    configure: ({ learningRate }) => sgd({ learningRate: numberOf('learningRate', learningRate) }),
    kinds: () => [],
  },
  {
    className: 'Momentum',
    is: (config) => config.name === 'sgd' && (config as SgdConfig).momentum > 0,
    settings: (config, learningRate) => {
      const { momentum, nesterov } = config as SgdConfig;
      return { learningRate, momentum, useNesterov: nesterov };
    },
    configure: ({ learningRate, momentum, useNesterov }) =>
      sgd({
        learningRate: numberOf('learningRate', learningRate),
        momentum: numberOf('momentum', momentum),
        nesterov: useNesterov === true,
      }),
    // It adds up gradients, here steps are.
    kinds: ({ learningRate, momentum }) => [
      {
        suffix: 'momentum',
        name: momentum === 0 ? undefined : 'momentum',
        factor: -numberOf('learningRate', learningRate),
      },
    ],
  },
  {
    className: 'RMSProp',
    is: ({ name }) => name === 'rmsprop',
    settings: (config, learningRate) => {
      const { rho, momentum, epsilon, centered } = config as RmspropConfig;
      return { learningRate, decay: rho, momentum, epsilon, centered };
    },
    configure: ({ learningRate, decay, momentum, epsilon, centered }) =>
      rmsprop({
        learningRate: numberOf('learningRate', learningRate),
        rho: numberOf('decay', decay),
        momentum: numberOf('momentum', momentum),
        epsilon: epsilonOf(epsilon),
        centered: centered === true,
      }),
    kinds: ({ momentum, centered }) => [
      { suffix: 'rms', name: 'velocity' },
      { suffix: 'momentum', name: momentum === 0 ? undefined : 'momentum' },
      ...(centered === true ? [{ suffix: 'mg', name: 'average_gradient' }] : []),
    ],
  },
];

function numberOf(option: string, value: unknown): number {
  if (typeof value === 'number') return value;
  throw new OptionError(`its ${option} must be a number, not ${quoted(value)}.`);
}

/** What tfjs takes for ε where none is given. */
const USUAL_EPSILON = 1e-7;

function epsilonOf(value: unknown): number {
  return value === null || value === undefined ? USUAL_EPSILON : numberOf('epsilon', value);
}
